#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What exchange costs with many devices, computed: the formulas of docs/scale.md, and its tables.

Started as a program it prints the tables. simulate-scale.py checks the formulas against a simulation that knows none of
them, and the tables against the page.
"""
import dataclasses
import math

WEEK_DAYS = 5
LISTED_FILE = 250  # bytes of a PROPFIND answer per file; measured 215 to 280
LISTING = 400  # and without any file
REQUEST = 500  # bytes of a request's head
RESPONSE = 350  # and of an answer's, without what it carries
CHANGE = 120  # bytes of a change, compressed; measured on 1,000 changes
# Milliseconds a server needs for a listing: fixed, and per file; fitted to measurements on one machine.
SERVERS = (('Apache mod_dav', 0.4, 0.0025), ('sabre/dav in PHP', 0.8, 0.0120), ('nginx', 0.2, 0.0015))


@dataclasses.dataclass(frozen=True)
class Assumptions:
    """A working day; every number may be questioned."""
    minutes: float = 480  # a laptop is on
    interval: float = 15  # minutes between two rounds of exchange
    jitter: float = 0.2
    visits: float = 12  # a worker saves in a day
    changes: int = 5  # written with each
    supervisor_visits: float = 1  # a supervisor saves in a day and circle
    workers: int = 12  # of a team
    supervisors: int = 2  # of an organization, in all its circles
    teams: int = 4  # of an organization
    partners: int = 4  # of an organization
    referrals: float = 0.1  # a worker sends in a day
    messages: int = 4  # offer, receipt, answer, end
    acknowledge: float = 10  # minutes, for each reader, between acknowledgements of a device
    days_kept: int = 60  # calendar days after which a file goes in any case


def padme(length):
    """Nikitin et al.: the length with few significant bits."""
    exponent = math.floor(math.log2(length))
    drop = exponent - (math.floor(math.log2(exponent)) + 1)
    return (length + (1 << drop) - 1) >> drop << drop


def blocks(length):
    return (length + 511) // 512 * 512


def bundle_size(changes, devices):
    """Bytes of a bundle's file: a padded ustar inside age, sealed to all devices of the circle."""
    assert 1 <= devices <= 64
    manifest = 512 + blocks(700 + 85 * devices)  # recipients and version vector grow with the circle
    rest = 2 * (512 + 512) + (512 + 1024) + 512 + blocks(changes * CHANGE) + 1024
    archive = padme(max(16384, manifest + rest))
    stanzas = 2
    while stanzas < devices:
        stanzas *= 2
    return 22 + 98 * stanzas + 48 + 16 + archive + 16 * math.ceil(archive / 65536)


def syncs(a):
    """Rounds in a day: one at the start, then a renewal process of uniform gaps."""
    return 1 + a.minutes / a.interval + (a.jitter ** 2 / 3 - 1) / 2


def some(a, visits, minutes):
    return 1 - math.exp(-visits * minutes / a.minutes)


def mean_of_gaps(a, function):
    steps = 200
    low, high = a.interval * (1 - a.jitter), a.interval * (1 + a.jitter)
    return sum(function(low + (high - low) * (step + 0.5) / steps) for step in range(steps)) / steps


def residual(a):
    """Minutes from any moment to the next round."""
    return a.interval * (1 + a.jitter ** 2 / 3) / 2


def change_bundles(a, visits):
    """Bundles with changes a device writes in a day: one per round in which there are any."""
    return (syncs(a) - 1) * mean_of_gaps(a, lambda gap: some(a, visits, gap)) + some(a, visits, residual(a))


def acknowledgements(a, visits, readers, others):
    """Bundles without changes a device writes in a day: in a round in which it has none, has taken something in since
    its last bundle, and that is long enough ago. At night it always is. Round by round, with the age of the last
    bundle."""
    wait = math.ceil(a.acknowledge * readers / a.interval)
    day = wait * a.interval / a.minutes
    morning = 1 - math.exp(-others * (day / 2 if day < 1 else 1))
    arrives = 1 - math.exp(-others * a.interval / a.minutes)
    whole = math.floor(syncs(a))
    ages, count = {wait: 1.0}, 0.0
    for place in range(whole + 1):
        later = {}
        writes = some(a, visits, residual(a) if place == 0 else a.interval)
        for age, chance in ages.items():
            news = 0.0
            if age >= wait:
                since = 1 - math.exp(-others * age * a.interval / a.minutes)
                news = morning if place == 0 else arrives if age > wait else since
            said = chance * (1 - writes) * news
            count += said * (syncs(a) - whole if place == whole else 1)
            later[1] = later.get(1, 0.0) + said + chance * writes
            later[age + 1] = later.get(age + 1, 0.0) + chance * (1 - writes) * (1 - news)
        ages = later
    return count


@dataclasses.dataclass(frozen=True)
class Kind:
    """Devices alike in a circle: how many, and what each writes."""
    count: int
    changes: float  # bundles with changes in a day
    acknowledgements: float  # and without
    silence: float  # days of a working day until it acknowledges, if not before the next morning

    @property
    def bundles(self):
        return self.changes + self.acknowledgements

    def surviving(self, days):
        """Probability that the next bundle of the same day is more than this away."""
        if self.silence >= 1:
            return math.exp(-self.changes * days)
        if days >= self.silence:
            return 0.0
        if self.changes == 0:
            return 1 - days / self.silence
        end = math.exp(-self.changes * self.silence)
        return (math.exp(-self.changes * days) - end) / (1 - end)


def kinds(a, members):
    """members: (count, visits in a day) of a circle."""
    readers = sum(count for count, _ in members) - 1
    changes = [change_bundles(a, visits) if visits else 0.0 for _, visits in members]
    everything = sum(count * bundles for (count, _), bundles in zip(members, changes))
    return [Kind(count, bundles, acknowledgements(a, visits, readers, everything - bundles),
                 (a.acknowledge * readers + residual(a)) / a.minutes)
            for (count, visits), bundles in zip(members, changes)]


def lifetime(a, circle, author):
    """Days from putting a file to removing it: until the slowest reader's next bundle, the next morning at the latest,
    and the author's next round."""
    steps = 1000
    total = 0.0
    for step in range(steps):
        days = (step + 0.5) / steps
        all_have = 1.0
        for kind in circle:
            readers = kind.count - (kind is author)
            all_have *= (1 - kind.surviving(days)) ** readers
        total += (1 - all_have) * (1 - days) / steps
    return total + residual(a) / a.minutes


def kept(a, circle):
    """Files in a mailbox, on average: with changes until all have them, acknowledgements for a day and a round."""
    return sum(kind.count * (kind.changes * lifetime(a, circle, kind)
                             + kind.acknowledgements * (1 + residual(a) / a.minutes)) for kind in circle)


def written(circle):
    return sum(kind.count * kind.bundles for kind in circle)


def team(a):
    return kinds(a, ((a.workers, a.visits), (a.supervisors, a.supervisor_visits)))


def house(a):
    """The circle of the whole organization: the directory and the roster, written by supervisors."""
    return kinds(a, ((a.workers * a.teams, 0.0), (a.supervisors, a.supervisor_visits)))


def devices_of(circle):
    return sum(kind.count for kind in circle)


def mean_size(a, circle):
    """Of a bundle in the circle; what an ordinary one carries fits the smallest size."""
    return bundle_size(a.changes * 2, devices_of(circle))


@dataclasses.dataclass
class Day:
    """What a device does in a working day."""
    bundles: float = 0
    polls: float = 0
    gets: float = 0
    requests: float = 0
    up: float = 0
    down: float = 0
    listings: float = 0

    def add_circle(self, a, circle, kind):
        size = mean_size(a, circle)
        fetched = written(circle) - kind.bundles
        listings = syncs(a) * (LISTING + LISTED_FILE * kept(a, circle))
        self.bundles += kind.bundles
        self.add(syncs(a), fetched, kind.bundles, kind.bundles, size)
        self.listings += listings
        self.down += listings

    def add(self, polls, gets, puts, removals, size):
        self.polls += polls
        self.gets += gets
        others = gets + 2 * puts + removals  # an upload is PUT and MOVE
        self.requests += polls + others
        self.up += puts * size + (polls + others) * REQUEST
        self.down += gets * size + others * RESPONSE

    def add_partners(self, a, devices):
        """Every device looks into every inbox; whichever comes first takes the file in."""
        a_day = a.referrals * a.messages * a.workers * a.teams / devices
        self.add(a.partners * syncs(a), a_day, a_day, a_day, bundle_size(20, devices))
        self.listings += a.partners * syncs(a) * LISTING
        self.down += a.partners * syncs(a) * LISTING


def day_of(a, role):
    """An organization of one team has one circle."""
    day = Day()
    place = 0 if role == 'worker' else 1
    circle = team(a)
    for _ in range(1 if role == 'worker' else a.teams):
        day.add_circle(a, circle, circle[place])
    devices = a.workers * a.teams + a.supervisors
    if a.teams > 1:
        circle = house(a)
        day.add_circle(a, circle, circle[place])
    if a.partners:
        day.add_partners(a, devices)
    return day


def organization(total):
    """How organizations are made up when there are so many devices."""
    a = Assumptions()
    if total == 10:
        return 1, dataclasses.replace(a, workers=8, teams=1, partners=0)
    return total // (a.workers * a.teams + a.supervisors), a


@dataclasses.dataclass
class Total:
    devices: int
    organizations: int
    mailboxes: int
    files: float
    storage: float
    requests: float
    up: float
    down: float
    listings: float
    polls: float


def total(devices):
    organizations, a = organization(devices)
    worker, supervisor = day_of(a, 'worker'), day_of(a, 'supervisor')
    n_workers, n_supervisors = a.workers * a.teams * organizations, a.supervisors * organizations
    circle = team(a)
    files = a.teams * kept(a, circle)
    storage = files * mean_size(a, circle)
    if a.teams > 1:
        files += kept(a, house(a))
        storage += kept(a, house(a)) * mean_size(a, house(a))

    def sum_of(name):
        return getattr(worker, name) * n_workers + getattr(supervisor, name) * n_supervisors
    mailboxes = organizations * (a.teams + (a.teams > 1) + a.partners)
    return Total(n_workers + n_supervisors, organizations, mailboxes, files * organizations, storage * organizations,
                 sum_of('requests'), sum_of('up'), sum_of('down'), sum_of('listings'), sum_of('polls'))


def away(a, days):
    """Files in a team's mailbox at the end of so many working days with one laptop away; None: lost and not revoked."""
    circle = team(a)
    fewer = kinds(a, ((a.workers - 1, a.visits), (a.supervisors, a.supervisor_visits)))
    a_day = sum(kind.count * kind.changes for kind in fewer)
    if days is None:
        days = a.days_kept * WEEK_DAYS / 7
    if days == 0:
        return kept(a, circle)
    said = sum(kind.count * kind.acknowledgements for kind in fewer)
    not_acknowledged_before = a_day / circle[0].bundles
    return a_day * days + not_acknowledged_before + said


def human(number):
    """Three significant digits, thousands separated."""
    if number <= 0:
        return '0'
    digits = max(0, 2 - math.floor(math.log10(number)))
    step = 10.0 ** (math.floor(math.log10(number)) - 2)
    return f'{round(number / step) * step:,.{digits}f}'


def size(bytes_):
    for unit, scale in (('GB', 1e9), ('MB', 1e6), ('kB', 1e3)):
        if bytes_ >= scale:
            return f'{human(bytes_ / scale)} {unit}'
    return f'{bytes_:.0f} B'


def table(heading, lines):
    rows = [heading, ['---'] * len(heading)] + lines
    return '\n'.join('| ' + ' | '.join(str(cell) for cell in row) + ' |' for row in rows) + '\n'


def table_sizes():
    return table(['devices in the circle', 'acknowledgement', '10 changes', '60 changes', '300 changes',
                  '1,000 changes'],
                 [[devices] + [f'{bundle_size(changes, devices):,}' for changes in (0, 10, 60, 300, 1000)]
                  for devices in (2, 14, 32, 50, 64)])


def table_device():
    lines = []
    for place, total_devices in (('one team of 10', 10), ('house of 50', 1000)):
        for role in ('worker', 'supervisor'):
            day = day_of(organization(total_devices)[1], role)
            lines.append([f'{role}, {place}', human(day.bundles), human(day.gets), human(day.polls),
                          human(day.requests), size(day.up), size(day.down), size(day.listings)])
    return table(['device', 'bundles written', 'files fetched', 'listings', 'requests', 'up', 'down', 'of it listings'],
                 lines)


def table_totals():
    lines = []
    for devices in (10, 1000, 50000):
        sums = total(devices)
        seconds = Assumptions().minutes * 60
        lines.append([f'{sums.devices:,}', f'{sums.organizations:,}', f'{sums.mailboxes:,}', human(sums.files),
                      size(sums.storage), human(sums.requests / seconds), size(sums.up), size(sums.down),
                      size(sums.down / seconds) + '/s'])
    return table(['devices', 'organizations', 'mailboxes', 'files kept', 'storage', 'requests a second', 'up a day',
                  'down a day', 'down a second'], lines)


def table_servers():
    lines = []
    for name, fixed, per_file in SERVERS:
        row = [name]
        for devices in (10, 1000, 50000):
            sums = total(devices)
            busy = sums.polls * fixed + (sums.listings - sums.polls * LISTING) / LISTED_FILE * per_file
            row.append(human(100 * busy / 1000 / (Assumptions().minutes * 60)) + ' %')
        lines.append(row)
    return table(['server', '10 devices', '1,000', '50,000'], lines)


def table_away():
    a = Assumptions()
    lines = []
    for name, days in (('nobody', 0), ('1 working day', 1), ('5 working days', 5), ('10 working days', 10),
                       ('20 working days', 20), ('lost, and not revoked', None)):
        files = away(a, days)
        listing = LISTING + LISTED_FILE * files
        lines.append([name, human(files), size(listing), size(listing * syncs(a)),
                      size(files * mean_size(a, team(a)))])
    return table(['away', 'files at the end', 'a listing', 'listings a device and day', 'storage of the mailbox'],
                 lines)


def table_interval():
    lines = []
    for interval in (15, 30, 60, 120):
        a = dataclasses.replace(Assumptions(), interval=float(interval))
        day = day_of(a, 'worker')
        lines.append([interval, human(team(a)[0].bundles), human(kept(a, team(a))), human(day.requests),
                      size(day.up + day.down)])
    return table(['minutes', "a worker's bundles a day", "files in a team's mailbox", 'requests a worker and day',
                  'up and down a worker and day'], lines)


def table_circle():
    lines = []
    for workers in (4, 12, 24, 36, 48, 62):
        a = dataclasses.replace(Assumptions(), workers=workers, teams=1, partners=0)
        day = day_of(a, 'worker')
        lines.append([workers + a.supervisors, human(kept(a, team(a))), size(LISTING + LISTED_FILE * kept(a, team(a))),
                      human(day.gets), size(day.up + day.down)])
    return table(['devices in the circle', 'files kept', 'a listing', 'files fetched a worker and day',
                  'up and down a worker and day'], lines)


TABLES = {'sizes': table_sizes, 'device': table_device, 'totals': table_totals, 'servers': table_servers,
          'away': table_away, 'interval': table_interval, 'circle': table_circle}

if __name__ == '__main__':
    for key, make in TABLES.items():
        print(f'<!-- {key} -->\n\n{make()}')
