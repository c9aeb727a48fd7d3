#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The translations, checked against what the sources say today.

A template is made anew from the files POTFILES.in lists, so that a text added to the program and not yet to a
language is found here and not by a reader. Not a judge of style, save for what a machine can tell: format
specifiers, plural forms, French spaces and apostrophes. Prints TAP.
"""
import collections
import pathlib
import re
import subprocess
import sys
import tempfile

source = pathlib.Path(sys.argv[1])
po_dir = source / 'po'
# The numbers of plural forms are those of the languages; a language not named here needs a line.
PLURALS = {'ar': 6, 'fr': 2}
# What meson's preset for GLib gives to xgettext.
KEYWORDS = ['_', 'N_', 'C_:1c,2', 'NC_:1c,2', 'g_dcgettext:2', 'g_dngettext:2,3', 'g_dpgettext2:2c,3', 'Q_']
MARK = re.compile(r'\b(?:_|N_|C_|NC_|Q_|g_dc?gettext|g_dngettext|g_dpgettext2?) ?\(\s*"')
SPECIFIER = re.compile(r"%(?:(\d+)\$)?[-+ #0']*(?:\d+|\*)?(?:\.(?:\d+|\*))?(<PRI\w+>|(?:hh|h|ll|l|z|j|t)?[diouxXeEfgGcspm]|%)")
ESCAPES = {'n': '\n', 't': '\t', '"': '"', '\\': '\\'}

results = []


def say(name, failures):
    results.append(not failures)
    print(f'{"not ok" if failures else "ok"} {len(results)} - {name}')
    for failure in failures:
        print('# ' + failure.replace('\n', '\\n'))


def read(path):
    """The entries of a .po file as dictionaries of its keywords, with 'flags'."""
    entries, entry, key = [], {'flags': set()}, None
    for line in path.read_text(encoding='utf-8').splitlines() + ['']:
        if not line.strip():
            if 'msgid' in entry:
                entries.append(entry)
            entry, key = {'flags': set()}, None
        elif line.startswith('#,'):
            entry['flags'].update(flag.strip() for flag in line[2:].split(','))
        elif not line.startswith('#'):
            found = re.match(r'(?:(\w+(?:\[\d\])?) )?"(.*)"$', line)
            key = found[1] or key
            entry[key] = entry.get(key, '') + re.sub(r'\\(.)', lambda m: ESCAPES[m[1]], found[2])
    return entries


def identity(entry):
    return entry.get('msgctxt'), entry['msgid']


def forms(entry):
    return [text for key, text in entry.items() if key.startswith('msgstr')]


def specifiers(text):
    """What a format takes, by place: {1: 's', 2: 'u'}."""
    taken, place = {}, 0
    for number, kind in SPECIFIER.findall(text):
        if kind != '%':
            place += 1
            taken[int(number) if number else place] = kind
    return taken


def keeps_specifiers(entry, header):
    """The failures of one entry. A plural form that stands for a single number may leave that number out."""
    wanted = specifiers(entry['msgid'])
    counts = collections.Counter(header(n) for n in range(1000)) if 'msgid_plural' in entry else {}
    for key, text in entry.items():
        if not key.startswith('msgstr') or not text or specifiers(text) == wanted:
            continue
        form = int(key[7]) if key.startswith('msgstr[') else None
        single = form is not None and counts[form] == 1
        left = {place: kind for place, kind in wanted.items() if kind[-1] not in 'diu'}
        if not (single and specifiers(text) in (left, wanted)):
            yield f'“{entry["msgid"]}”: the specifiers of “{text}” are others'


def plural_rule(header):
    """The function of the Plural-Forms header: C's conditional, said in Python."""
    def convert(text):
        if '?' not in text:
            return text.replace('&&', ' and ').replace('||', ' or ')
        condition, rest = text.split('?', 1)
        yes, no = rest.split(':', 1)
        return f'({convert(yes)} if {convert(condition)} else {convert(no)})'
    found = re.search(r'nplurals=(\d+); plural=([-n0-9%=!<>&|?: ()]+);', header)
    rule = eval('lambda n: int(' + convert(found[2].strip()) + ')')  # only digits, n and operators pass above
    return int(found[1]), rule


def run(*command):
    return subprocess.run([str(word) for word in command], cwd=source, capture_output=True, text=True)


print('1..%d' % (4 + 5 * len(PLURALS)))

# 1: what is listed is what is marked.
listed = [line for line in (po_dir / 'POTFILES.in').read_text().splitlines() if line and not line.startswith('#')]
marked = [p for p in source.glob('src/**/*.c') if MARK.search(p.read_text(encoding='utf-8'))]
marked += [p for p in source.glob('ui/*.ui') if 'translatable="yes"' in p.read_text(encoding='utf-8')]
marked += source.glob('data/*.desktop.in')
marked += source.glob('data/*.metainfo.xml.in')
marked = {str(p.relative_to(source)) for p in marked}
say('POTFILES.in lists every file with texts, once',
    [f'{name} is missing' for name in sorted(marked - set(listed))]
    + [f'{name} is listed and is not there' for name in sorted(set(listed)) if not (source / name).exists()]
    + [f'{name} is listed twice' for name, n in collections.Counter(listed).items() if n > 1])

# 2: the languages of LINGUAS are those known here.
linguas = (po_dir / 'LINGUAS').read_text().split()
say('LINGUAS names the languages there are', [] if sorted(linguas) == sorted(PLURALS) else [' '.join(linguas)])

with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    template = folder / 'tessera.pot'
    made = run('xgettext', '--from-code=UTF-8', '--add-comments', '-o', template,
               *['--keyword=' + word for word in KEYWORDS], *[name for name in listed if (source / name).exists()])
    # A format cut in two by a macro reaches the translator as half a sentence: xgettext warns, and that is a failure.
    say('the sources give whole texts to translators', made.stderr.splitlines())
    # The program sets no default domain (src/app/main.c says why), so a text asked without one stays English.
    say('every text is asked from our own domain',
        [f'{p}: {word}' for p in sorted(source.glob('src/**/*.c'))
         for word in re.findall(r'(?<![\w])n?gettext \(', p.read_text(encoding='utf-8'))]
        + [f'{p}: includes glib/gi18n.h' for p in sorted(source.glob('src/**/*.[ch]'))
           if 'glib/gi18n.h' in p.read_text(encoding='utf-8')])
    wanted = {identity(entry): entry for entry in read(template)}

    for language in sorted(PLURALS):
        path = po_dir / f'{language}.po'
        entries = [entry for entry in read(path) if 'fuzzy' not in entry['flags'] or not entry['msgid']]
        header = next(entry['msgstr'] for entry in entries if not entry['msgid'])
        known = {identity(entry): entry for entry in entries}

        checked = run('msgfmt', '-c', '-o', folder / 'checked.mo', path)
        say(f'{language}: msgfmt finds nothing wrong', checked.stderr.splitlines() if checked.returncode else [])

        say(f'{language}: nothing is untranslated or fuzzy',
            [f'“{msgid}”' for (context, msgid), entry in wanted.items()
             if msgid and ((context, msgid) not in known or not all(forms(known[context, msgid]))
                           or ('msgid_plural' in entry) != ('msgid_plural' in known[context, msgid]))])

        number, rule = plural_rule(header)
        say(f'{language}: {PLURALS[language]} plural forms, each of them used',
            ([] if number == PLURALS[language] else [f'the header says {number}'])
            + ([] if {rule(n) for n in range(1000)} == set(range(PLURALS[language])) else ['the rule misses a form'])
            + [f'“{entry["msgid"]}” has {len(forms(entry))}' for entry in entries
               if 'msgid_plural' in entry and len(forms(entry)) != PLURALS[language]])

        say(f'{language}: format specifiers are kept',
            [failure for entry in entries if entry['msgid'] for failure in keeps_specifiers(entry, rule)])

        habits = {'fr': (re.compile("'| [;?!»]|« |[^\u00a0\u202f\\d\\w] :|\\w :"), 'a straight apostrophe or a space that may break'),
                  'ar': (re.compile(r'[?;](?=\s|$)|[\u0600-\u06ff],'), 'a Latin question mark, comma or semicolon')}
        pattern, matter = habits[language]
        say(f'{language}: punctuation of the language',
            [f'{matter}: “{text}”' for entry in entries if entry['msgid'] for text in forms(entry)
             if pattern.search(text) and not re.fullmatch(r'(?:[^;\s]+;)+', text)])

sys.exit(0 if all(results) else 1)
