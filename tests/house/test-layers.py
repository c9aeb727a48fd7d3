#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The layers of ARCHITECTURE.md, checked against what the sources include and what meson puts on the include path.

A layer may include the headers of the layers it stands on and no others; only app knows GTK; only vault and store
know SQLite. Prints TAP.
"""
import json
import pathlib
import re
import sys

source, build = map(pathlib.Path, sys.argv[1:3])
BELOW = {
    'vault': [],
    'record': ['vault'],
    'store': ['record', 'vault'],
    'casework': ['store', 'record', 'vault'],
    'directory': ['casework', 'store', 'record', 'vault'],
    'exchange': ['casework', 'store', 'record', 'vault'],
    'carrier': [],
    'sync': ['carrier', 'exchange', 'casework', 'store', 'record', 'vault'],
    'report': ['directory', 'casework', 'store', 'record', 'vault'],
}
UPPER = ['cli', 'app']
everything = list(BELOW)
BELOW['cli'] = everything
BELOW['app'] = everything + ['cli']

headers = {h.name: h.parent.name for h in source.glob('src/*/*.h')}
failures = {'includes': [], 'gtk': [], 'sqlite': [], 'paths': [], 'comments': []}
for path in sorted(source.glob('src/*/*.[ch]')):
    layer = path.parent.name
    text = path.read_text(encoding='utf-8')
    if not text.startswith('/* SPDX-License-Identifier: GPL-3.0-or-later\n'):
        failures['comments'].append(f'{path}: does not begin with its license and purpose')
    for name in re.findall(r'^#include [<"]([^>"]+)[>"]', text, re.M):
        owner = headers.get(name)
        if owner and owner != layer and owner not in BELOW[layer]:
            failures['includes'].append(f'{path}: {layer} may not include {name} of {owner}')
        if re.match(r'(gtk|adwaita|gdk)', name) and layer != 'app':
            failures['gtk'].append(f'{path}: only app knows GTK')
        if name.startswith('sqlite3') and layer not in ('vault', 'store'):
            failures['sqlite'].append(f'{path}: only vault and store know SQLite')

for command in json.loads((build / 'compile_commands.json').read_text()):
    match = re.search(r'src/(\w+)/[^/]+\.c$', command['file'])
    if not match or match.group(1) in UPPER:
        continue
    layer = match.group(1)
    for folder in re.findall(r'-I\S*?src/(\w+)(?=\s)', command['command']):
        if folder != layer and folder not in BELOW[layer]:
            failures['paths'].append(f'{command["file"]}: {folder} is on the include path of {layer}')

print(f'1..{len(failures)}')
for number, (name, found) in enumerate(failures.items(), 1):
    print(f'{"not ok" if found else "ok"} {number} {name}')
    for line in found:
        print(f'# {line}')
sys.exit(any(failures.values()))
