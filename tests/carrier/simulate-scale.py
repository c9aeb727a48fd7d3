#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Up to 2,000 laptops exchange over mailboxes, event by event, against what scale_model.py computes.

The simulation knows what a device does in a round (list, fetch, acknowledge, write, remove), when people work, and no
formula. There are no bytes and no keys in it: what a file weighs is taken from the model, what a server does with it is
not here at all. Prints TAP.
"""
import dataclasses
import heapq
import math
import pathlib
import random
import re
import sys
import time
import traceback
from collections import deque

import scale_model as model

DAY = 24 * 60
MORNING = 9 * 60
ROLES = ('worker', 'supervisor')


class File:
    """A bundle in a mailbox: number counts its author's bundles with changes; without changes it is 0."""
    __slots__ = ('author', 'number', 'size', 'there', 'seen', 'born')

    def __init__(self, author, number, size, seen, born):
        self.author, self.number, self.size, self.seen, self.born = author, number, size, seen, born
        self.there = True


class Circle:
    """A mailbox with all that was ever in it, in order; listings show what is still there."""

    def __init__(self):
        self.log = []
        self.members = []
        self.files = 0
        self.bytes = 0
        self.most = 0

    def put(self, file):
        self.log.append(file)
        self.files += 1
        self.bytes += file.size
        self.most = max(self.most, self.files)

    def remove(self, file):
        if file.there:
            file.there = False
            self.files -= 1
            self.bytes -= file.size


class Member:
    """A device in a circle: how far it has read, what it has of whom, what others have of it."""

    def __init__(self, circle, device, visits):
        self.circle, self.device, self.visits = circle, device, visits
        self.place = len(circle.members)
        self.position = 0
        self.number = 0
        self.unwritten = 0
        self.have, self.acknowledged = [], []
        self.outstanding = deque()
        self.said = deque()
        self.news = False
        self.wrote_at = 0.0
        self.active = True
        circle.members.append(self)
        for member in circle.members:
            while len(member.have) < len(circle.members):
                member.have.append(0)
                member.acknowledged.append(0)


class Device:
    def __init__(self, role, house):
        self.role, self.house = role, house
        self.members = []
        self.away = lambda day: False
        self.offline = lambda day: False
        self.last = self.end = self.left = 0.0
        self.letters = []
        self.count = dict.fromkeys(('bundles', 'polls', 'gets', 'requests', 'up', 'down', 'listed', 'days'), 0)


class House:
    """An organization: its circles, its devices, and one inbox for each partner."""

    def __init__(self):
        self.devices = []
        self.circles = []
        self.inboxes = []


class Simulation:
    def __init__(self, assumptions, houses, seed, warm=0):
        self.a, self.random, self.warm = assumptions, random.Random(seed), warm
        self.houses = [self.make_house() for _ in range(houses)]
        for place, house in enumerate(self.houses):
            for step in range(1, assumptions.partners // 2 + 1):
                for other in (place - step, place + step):
                    # House, and the number of the inbox there that is ours to fill.
                    house.inboxes.append({'to': self.houses[other % houses], 'files': []})
        self.queue, self.serial = [], 0
        self.now = 0.0
        self.sizes = {}

    def make_house(self):
        a, house = self.a, House()
        supervisors = [Device('supervisor', house) for _ in range(a.supervisors)]
        for _ in range(a.teams):
            team = Circle()
            house.circles.append(team)
            for _ in range(a.workers):
                device = Device('worker', house)
                device.members.append(Member(team, device, a.visits))
                house.devices.append(device)
            for device in supervisors:
                device.members.append(Member(team, device, a.supervisor_visits))
        house.devices += supervisors
        if a.teams > 1:
            everybody = Circle()
            house.circles.append(everybody)
            for device in house.devices:
                visits = a.supervisor_visits if device.role == 'supervisor' else 0.0
                device.members.append(Member(everybody, device, visits))
        return house

    def size(self, changes, devices):
        key = changes, devices
        if key not in self.sizes:
            self.sizes[key] = model.bundle_size(changes, devices)
        return self.sizes[key]

    def poisson(self, mean):
        limit, count, product = math.exp(-mean), 0, self.random.random()
        while product > limit:
            count += 1
            product *= self.random.random()
        return count

    def plan(self, when, device):
        self.serial += 1
        heapq.heappush(self.queue, (when, self.serial, device))

    def run(self, days, each_day=None):
        """Every device from its next morning on; each_day(day) may change the world before a day begins."""
        self.queue.clear()
        for house in self.houses:
            for device in house.devices:
                self.begin_day(device, 0)
        day = -1
        while self.queue and self.queue[0][0] < days * DAY:
            self.now, _, device = heapq.heappop(self.queue)
            while day < self.now // DAY:
                day += 1
                if each_day:
                    each_day(day)
            self.round(device)
            later = self.now + self.random.uniform(1 - self.a.jitter, 1 + self.a.jitter) * self.a.interval
            if later < device.end:
                self.plan(later, device)
            else:
                self.begin_day(device, int(self.now // DAY) + 1)

    def begin_day(self, device, day):
        """What was written after yesterday's last round goes out with the first of today."""
        device.left = max(0.0, device.end - device.last)
        while day % 7 >= model.WEEK_DAYS or device.away(day):
            day += 1
        device.last = day * DAY + MORNING + self.random.uniform(0, 30)
        device.end = device.last + self.a.minutes
        self.plan(device.last, device)

    def round(self, device):
        minutes = self.now - device.last + device.left
        day = int(self.now // DAY)
        first = self.now == device.last
        device.last, device.left = self.now, 0.0
        for member in device.members:
            member.unwritten += self.poisson(member.visits * minutes / self.a.minutes) if member.visits else 0
        if device.role == 'worker' and self.a.partners:
            for _ in range(self.poisson(self.a.referrals * minutes / self.a.minutes)):
                device.letters.append((self.random.randrange(self.a.partners), 1))
        if device.offline(day):
            return
        counting = day >= self.warm
        saved = None if counting else dict(device.count)
        device.count['days'] += first
        for member in device.members:
            self.exchange(member, device.count)
        if self.a.partners:
            self.exchange_letters(device)
        if saved:
            device.count = saved

    def exchange(self, member, count):
        circle = member.circle
        count['polls'] += 1
        count['requests'] += 1
        count['listed'] += circle.files
        count['up'] += model.REQUEST
        count['down'] += model.LISTING + model.LISTED_FILE * circle.files
        self.fetch(member, count)
        wait = self.a.acknowledge * (len(circle.members) - 1)
        if member.unwritten or (member.news and self.now - member.wrote_at >= wait):
            self.write(member, count)
        self.tidy(member, count)

    @staticmethod
    def fetch(member, count):
        circle, place = member.circle, member.place
        for file in circle.log[member.position:]:
            if not file.there or file.author == place:
                continue
            count['gets'] += 1
            count['requests'] += 1
            count['up'] += model.REQUEST
            count['down'] += file.size + model.RESPONSE
            if file.number > member.have[file.author]:
                member.have[file.author] = file.number
                member.news = True
            if file.seen is not None and place < len(file.seen):
                member.acknowledged[file.author] = max(member.acknowledged[file.author], file.seen[place])
        member.position = len(circle.log)

    def write(self, member, count):
        circle = member.circle
        changes = member.unwritten * self.a.changes
        if changes:
            member.number += 1
            member.have[member.place] = member.number
        file = File(member.place, member.number if changes else 0, self.size(changes, len(circle.members)),
                    list(member.have), self.now)
        circle.put(file)
        self.charge(count, file.size)
        (member.outstanding if changes else member.said).append(file)
        member.unwritten, member.news, member.wrote_at = 0, False, self.now

    @staticmethod
    def charge(count, size):
        count['bundles'] += 1
        count['requests'] += 2
        count['up'] += size + 2 * model.REQUEST
        count['down'] += 2 * model.RESPONSE

    def drop(self, member, file, count):
        member.circle.remove(file)
        count['requests'] += 1
        count['up'] += model.REQUEST
        count['down'] += model.RESPONSE

    def tidy(self, member, count):
        """Own files go when all active readers have them, or when they are old; acknowledgements after a day."""
        while member.said and self.now - member.said[0].born >= DAY:
            self.drop(member, member.said.popleft(), count)
        if not member.outstanding:
            return
        waiting = member.outstanding[0]
        low = math.inf
        for other in member.circle.members:
            if other is not member and other.active and member.acknowledged[other.place] < low:
                low = member.acknowledged[other.place]
                if low < waiting.number:  # one reader is enough to keep all
                    break
        while member.outstanding and (member.outstanding[0].number <= low
                                      or self.now - member.outstanding[0].born > self.a.days_kept * DAY):
            self.drop(member, member.outstanding.popleft(), count)

    def exchange_letters(self, device):
        """To and from partners; every letter but the last is answered."""
        count, house = device.count, device.house
        size = self.size(20, len(house.devices))
        inboxes = len(house.inboxes)
        count['polls'] += inboxes
        count['requests'] += inboxes
        count['up'] += model.REQUEST * inboxes
        count['down'] += model.LISTING * inboxes
        for inbox in house.inboxes:
            if not inbox['files']:
                continue
            count['down'] += model.LISTED_FILE * len(inbox['files'])
            for sender, number in inbox['files']:
                count['gets'] += 1
                count['requests'] += 2
                count['up'] += 2 * model.REQUEST
                count['down'] += size + 2 * model.RESPONSE
                if number < self.a.messages:
                    place = next(place for place, other in enumerate(house.inboxes) if other['to'] is sender)
                    device.letters.append((place, number + 1))
            inbox['files'].clear()
        for place, number in device.letters:
            target = house.inboxes[place]['to']
            next(inbox for inbox in target.inboxes if inbox['to'] is house)['files'].append((house, number))
            self.charge(count, size)
        device.letters.clear()

    def mean(self, role, what):
        counted = [device.count for house in self.houses for device in house.devices if device.role == role]
        return sum(count[what] for count in counted) / sum(count['days'] for count in counted)


def close(name, simulated, computed, tolerance):
    difference = simulated / computed - 1
    print(f'# {name}: simulated {simulated:.4g}, computed {computed:.4g}, {100 * difference:+.1f} %')
    assert abs(difference) <= tolerance, f'{name}: {simulated} is not {computed}'


def compare(houses, assumptions, seed, warm, days):
    """The ordinary days of so many houses."""
    world = Simulation(assumptions, houses, seed, warm)
    files = []
    began = time.monotonic()
    world.run(days, lambda day: files.append(sum(circle.files for house in world.houses for circle in house.circles))
              if day >= warm and day % 7 < model.WEEK_DAYS else None)
    devices = sum(len(house.devices) for house in world.houses)
    print(f'# {devices} devices, {days - warm} days in {time.monotonic() - began:.1f} s')
    for role in ROLES:
        day = model.day_of(assumptions, role)
        for what, computed in (('polls', day.polls), ('gets', day.gets), ('requests', day.requests), ('up', day.up),
                               ('down', day.down)):
            close(f'{role}, {what}', world.mean(role, what), computed, 0.10)
    whole = model.total(devices if devices > 10 else 10)
    print(f'# files on a morning: {sum(files) / len(files):.0f}; computed over the day: {whole.files:.0f}')
    listed = sum(device.count['listed'] for house in world.houses for device in house.devices)
    in_a_day = {role: listings_of(assumptions, role) for role in ROLES}
    computed = sum(in_a_day[device.role] * device.count['days']
                   for house in world.houses for device in house.devices)
    close('files in listings', listed, computed, 0.15)


def listings_of(a, role):
    """Files a device sees in the listings of a day."""
    number = model.syncs(a) * model.kept(a, model.team(a)) * (1 if role == 'worker' else a.teams)
    return number + (model.syncs(a) * model.kept(a, model.house(a)) if a.teams > 1 else 0)


def ten_devices():
    compare(1, model.organization(10)[1], 1, 7, 70)


def two_hundred_devices():
    compare(4, model.Assumptions(), 2, 4, 12)


def two_thousand_devices():
    compare(40, model.Assumptions(), 3, 1, 3)


def away():
    """A laptop that is off for two weeks: files wait for it, and go when it is back."""
    a = dataclasses.replace(model.Assumptions(), teams=1, partners=0)
    for days in (1, 5, 10):
        world = Simulation(a, 1, 10 + days)
        circle, absent = world.houses[0].circles[0], world.houses[0].devices[0]
        first, calendar = 7, days // 5 * 7 + days % 5
        seen = {}
        absent.away = lambda day, first=first, calendar=calendar: first <= day < first + calendar
        world.run(first + calendar + 4, lambda day, c=circle, s=seen: s.__setitem__(day, c.files))
        end = seen[first + calendar if days % 5 else first + calendar - 1]
        close(f'files after {days} working days away', end, model.away(a, days), 0.15)
        assert seen[first + calendar + 3] < model.kept(a, model.team(a)) * 2, seen


def offline():
    """A laptop that is used but has no line for a week writes one large bundle, and loses nothing."""
    a = dataclasses.replace(model.Assumptions(), teams=1, partners=0)
    world = Simulation(a, 1, 20)
    circle, device = world.houses[0].circles[0], world.houses[0].devices[0]
    device.offline = lambda day: 7 <= day < 14
    world.run(21)
    largest = max((file for file in circle.log if file.author == device.members[0].place), key=lambda file: file.size)
    assert 14 * DAY <= largest.born < 14 * DAY + MORNING + 60
    close('bytes of a week in one bundle', largest.size, model.bundle_size(5 * a.visits * a.changes, 14), 0.35)
    for member in circle.members:
        assert member.have[device.members[0].place] >= largest.number


def joining():
    """A new laptop takes a snapshot from a mailbox of its own, and from then on has what the others have."""
    a = dataclasses.replace(model.Assumptions(), teams=1, partners=0)
    world = Simulation(a, 1, 30)
    house = world.houses[0]
    circle, supervisor = house.circles[0], house.devices[-1]
    new = Device('worker', house)

    def each_day(day):
        if day != 8:
            return
        author = supervisor.members[0]
        member = Member(circle, new, a.visits)
        new.members.append(member)
        member.have = list(author.have) + [0] * (len(circle.members) - len(author.have))
        member.position = author.position
        house.devices.append(new)
        world.begin_day(new, 8)

    world.run(21, each_day)
    newest = new.members[0]
    assert newest.number > 50
    for member in circle.members:
        assert member.have[newest.place] >= newest.number - 5, 'what the new one writes arrives'
        assert newest.have[member.place] >= member.number - 5, 'and it has all'
    close('files fetched by the new one', new.count['gets'] / new.count['days'], world.mean('worker', 'gets'), 0.10)


def lost():
    """A laptop that never acknowledges again costs sixty days of files; revoking it ends that within days."""
    a = dataclasses.replace(model.Assumptions(), teams=1, partners=0)
    for revoked in (None, 14):
        world = Simulation(a, 1, 40)
        circle, stolen = world.houses[0].circles[0], world.houses[0].devices[0]
        stolen.away = lambda day: 4 <= day < 1000
        seen, oldest = {}, {}

        def each_day(day, world=world, circle=circle, stolen=stolen, seen=seen, oldest=oldest, revoked=revoked):
            seen[day] = circle.files
            oldest[day] = max((world.now - file.born for file in circle.log
                               if file.there and file.author != stolen.members[0].place), default=0)
            if day == revoked:
                stolen.members[0].active = False

        world.run(86, each_day)
        if revoked is None:
            close('files after a laptop is lost', seen[85], model.away(a, None), 0.15)
            # What the lost one wrote itself has no author left to remove it.
            assert max(oldest.values()) <= (a.days_kept + 4) * DAY, 'nothing of the others is kept longer'
            close('and later as many', seen[85], seen[78], 0.05)
        else:
            assert seen[14] > 500 and max(seen[day] for day in range(18, 85)) < 3 * model.kept(a, model.team(a)), seen


def page():
    """The tables of docs/scale.md are those the model makes today."""
    text = (pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else '.') / 'docs' / 'scale.md').read_text(encoding='utf-8')
    shown = dict(re.findall(r'^<!-- (\w+) -->\n\n((?:\|.*\n)+)', text, re.M))
    assert set(shown) == set(model.TABLES), set(shown) ^ set(model.TABLES)
    for name, make in model.TABLES.items():
        assert shown[name] == make(), f'{name} is another now; tests/carrier/scale_model.py prints it'


def main(*tests):
    print(f'1..{len(tests)}')
    failed = False
    for number, test in enumerate(tests, 1):
        try:
            test()
            print(f'ok {number} {test.__name__}')
        except Exception:  # every failure is reported, and the others still run
            failed = True
            print(f'not ok {number} {test.__name__}')
            for line in traceback.format_exc().splitlines():
                print(f'# {line}')
        sys.stdout.flush()
    sys.exit(failed)


main(ten_devices, two_hundred_devices, two_thousand_devices, away, offline, joining, lost, page)
