#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# read-vault.py: a second reader of the vault format, written from docs/vault-format.md.
#
# Opens the sample vaults with libsodium and Python's own SQLite and nothing of Tessera, and so shows that the
# specification says enough. It checks, and is no tool for people: it writes readable data to a temporary file.

import collections
import ctypes
import ctypes.util
import hashlib
import os
import sqlite3
import struct
import sys
import tempfile

PASSPHRASE = b"correct horse battery"
WORKER = "synthetic worker"  # already normalized and case-folded

sodium = ctypes.CDLL(ctypes.util.find_library("sodium"))
sodium.sodium_init()


def kdf(key, context, number):
    """crypto_kdf_derive_from_key: BLAKE2b with number as salt and context as personalization."""
    return hashlib.blake2b(b"", digest_size=32, key=key, salt=struct.pack("<Q", number) + bytes(8),
                           person=context + bytes(8)).digest()


def argon2id(passphrase, salt, passes, kibibytes):
    key = ctypes.create_string_buffer(32)
    assert sodium.crypto_pwhash(key, ctypes.c_ulonglong(32), passphrase, ctypes.c_ulonglong(len(passphrase)), salt,
                                ctypes.c_ulonglong(passes), ctypes.c_size_t(kibibytes * 1024), 2) == 0
    return key.raw


def unseal(key, nonce, additional, sealed):
    plain = ctypes.create_string_buffer(max(len(sealed) - 16, 1))
    if sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
            plain, None, None, sealed, ctypes.c_ulonglong(len(sealed)), additional,
            ctypes.c_ulonglong(len(additional)), nonce, key) != 0:
        return None
    return plain.raw[:len(sealed) - 16]


def unseal_block(key, additional, block):
    """A block of the store: ciphertext, nonce, tag."""
    return unseal(key, block[-40:-16], additional, block[:-40] + block[-16:])


def unseal_box(slot_key, box):
    """crypto_box_seal_open with the key pair that belongs to the slot key."""
    public, secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(32)
    sodium.crypto_box_seed_keypair(public, secret, kdf(slot_key, b"TesKPair", 0))
    inner = ctypes.create_string_buffer(len(box) - 48)
    assert sodium.crypto_box_seal_open(inner, box, ctypes.c_ulonglong(len(box)), public, secret) == 0
    return public.raw, inner.raw


def open_slot(head, line, fields, slot_key):
    """Data key and derivation key from a slot's line, of which @fields stand before what is sealed."""
    facts = (head + " ".join(line.split(" ")[:fields])).encode()
    sealed = bytes.fromhex(line.split(" ")[fields])
    both = unseal(slot_key, sealed[:24], facts, sealed[24:])
    assert both is not None and len(both) == 64
    data_key, derivation_key = both[:32], both[32:]
    if len(line.split(" ")) > fields + 1:
        public, inner = unseal_box(slot_key, bytes.fromhex(line.split(" ")[fields + 1]))
        assert line.split(" ")[fields - 1] == public.hex()
        data_key = unseal(kdf(derivation_key, b"TesKyBox", 0), inner[:24], facts, inner[24:])
    assert data_key is not None
    return data_key, derivation_key


def open_key_file(text, recovery_key=None):
    lines = text.decode("ascii").split("\n")
    assert lines[0] == "tessera vault keys 2"
    before_sum = text[:text.rindex(b"sum ")]
    assert lines[-2] == "sum " + hashlib.blake2b(before_sum, digest_size=16).hexdigest()
    head = lines[0] + "\n" + lines[1] + "\n"
    vault = bytes.fromhex(lines[1].split(" ")[1])
    if recovery_key:
        data_key, _ = open_slot(head, lines[4], 4, kdf(recovery_key, b"TesRecov", 0))
    else:
        name = hashlib.blake2b(WORKER.encode(), digest_size=16, key=vault).hexdigest()
        line = next(line for line in lines if line.startswith("slot ") and " worker " + name + " " in line)
        fields = line.split(" ")
        slot_key = argon2id(PASSPHRASE, bytes.fromhex(fields[7]), int(fields[5]), int(fields[6]))
        data_key, _ = open_slot(head, line, 9, slot_key)
    body = text[:text.rindex(b"mac ")]
    mac = hashlib.blake2b(body, digest_size=32, key=kdf(data_key, b"TesKyMac", 0)).hexdigest()
    assert lines[-3] == "mac " + mac
    return vault, data_key


def check_vector(document):
    """The key file of the specification, whose data key was changed: both ways in lead to the new one."""
    text = open(document, encoding="utf-8").read().split("```\n")
    text = next(part for part in text if part.startswith("tessera vault keys 2\nvault a0")).encode()
    expected = bytes(range(0xa0, 0xb0)), bytes(range(0x40, 0x60))
    assert open_key_file(text) == expected
    assert open_key_file(text, bytes(range(32))) == expected


Mark = collections.namedtuple(
    "Mark", "sequence generation frames journal sectors page_size pages edition digest")


class Reader:
    def __init__(self, folder):
        self.folder = folder
        self.vault, data_key = open_key_file(self.load("vault.keys"))
        self.key = kdf(data_key, b"TesPages", 0)

    def load(self, name):
        path = os.path.join(self.folder, name)
        return open(path, "rb").read() if os.path.exists(path) else b""

    def additional(self, kind, rest):
        return self.vault + struct.pack(">I", kind) + rest

    def mark(self, store):
        marks = []
        for copy in range(2):
            block = store[4096 * (1 + copy):][:104 + 40]
            plain = unseal_block(self.key, self.additional(2, struct.pack(">I", copy)), block)
            if plain is not None:
                marks.append(Mark._make(struct.unpack(">Q24sI16sIIIQ32s", plain)))
        return max(marks)

    def table(self, store, mark):
        """The stamp of every page, and where it stands."""
        per_block = (mark.page_size - 48) // 8
        stamps, nonces = [], b""
        for number in range((mark.pages + per_block - 1) // per_block):
            start = 12288 + number * (per_block + 2) * mark.page_size
            found = []
            for place in range(2):
                block = store[start + place * mark.page_size:][:mark.page_size]
                plain = unseal_block(self.key, self.additional(9, struct.pack(">II", number, place)), block)
                if plain is not None and struct.unpack(">Q", plain[:8])[0] <= mark.edition:
                    found.append((plain[:8], block[-40:-16], plain[8:]))
            _, nonce, entries = max(found)
            nonces += nonce
            for entry in range(per_block):
                stamps.append((entries[entry * 8:][:8], start + (2 + entry) * mark.page_size))
        assert hashlib.blake2b(nonces, digest_size=32).digest() == mark.digest
        return stamps[:mark.pages]

    def database(self, store, mark):
        assert store[:32] == b"Tessera store 2\0" + self.vault
        pages, stale = {}, set()
        for number, (stamp, place) in enumerate(self.table(store, mark), 1):
            block = store[place:][:mark.page_size]
            if stamp == bytes(8):
                pages[number] = bytes(mark.page_size)
            elif block[-40:-32] == stamp:
                plain = unseal_block(self.key, self.additional(1, struct.pack(">I", number)), block)
                assert plain is not None, "page %d" % number
                pages[number] = plain + bytes(40)
            else:
                stale.add(number)
        return pages, stale

    def apply_log(self, log, generation, needed, pages):
        committed = 0
        pending = {}
        header = log[:96]
        if header[-40:-16] == generation:
            assert unseal_block(self.key, self.additional(3, header[:16]), header[16:]) is not None
            for frame in range(1, (len(log) - 96) // 4160 + 1):
                block = log[96 + (frame - 1) * 4160:][:4160]
                place = generation + struct.pack(">I", frame)
                plain = unseal_block(self.key, self.additional(4, place), block[:64])
                if plain is None:
                    break
                number, size = struct.unpack(">II", plain[:8])
                page = unseal_block(self.key, self.additional(5, place + struct.pack(">I", number)), block[64:])
                if page is None:
                    break
                pending[number] = page + bytes(40)
                if size:
                    pages.update(pending)
                    pages = {n: p for n, p in pages.items() if n <= size}
                    pending, committed = {}, frame
        assert committed >= needed, "the log is not whole"
        return pages

    def check_journal_header(self, header, offset):
        mac = hashlib.blake2b(self.additional(6, struct.pack(">Q", offset)) + header[:48], digest_size=16,
                              key=self.key).digest()
        assert mac == header[48:64]

    def apply_journal(self, journal, needed, pages):
        offset, size = 0, None
        while offset + 512 <= len(journal) and journal[offset:offset + 8] == bytes.fromhex("d9d505f920a163d7"):
            header = journal[offset:offset + 64]
            self.check_journal_header(header, offset)
            assert header[32:48] == needed
            count, _, original = struct.unpack(">III", header[8:20])
            size = original if size is None else size
            offset += 512
            for _ in range(count):
                number = journal[offset:offset + 4]
                place = needed + struct.pack(">Q", offset + 4) + number
                plain = unseal_block(self.key, self.additional(7, place), journal[offset + 4:offset + 4100])
                assert plain is not None
                pages.setdefault("restored", {}).setdefault(struct.unpack(">I", number)[0], plain + bytes(40))
                offset += 4104
            offset = (offset + 511) // 512 * 512
        pages.update(pages.pop("restored", {}))
        return {n: p for n, p in pages.items() if size is None or n <= size}

    def read(self):
        store = self.load("store.db")
        mark = self.mark(store)
        pages, stale = self.database(store, mark)
        pages = self.apply_log(self.load("store.db-wal"), mark.generation, mark.frames, pages)
        if any(mark.journal):
            pages = self.apply_journal(self.load("store.db-journal"), mark.journal, pages)
        assert stale <= set(pages), "an old page was put back"
        return b"".join(pages[n] for n in range(1, len(pages) + 1))


class BackupReader(Reader):
    """A backup: its head, and behind that a store whose pages have keys of their own."""

    def __init__(self, path):
        self.file = open(path, "rb").read()
        magic, self.vault, _, size, length = struct.unpack(">16s16sQQI", self.file[:52])
        assert magic == b"Tessera backup 1" and size == len(self.file)
        number = struct.unpack(">Q", self.vault[:8])[0]
        _, data_key = open_key_file(self.file[52:52 + length])
        mac = hashlib.blake2b(self.file[:135136], digest_size=32, key=kdf(data_key, b"TesBakHd", number)).digest()
        assert mac == self.file[135136:135168]
        self.key = kdf(data_key, b"TesBacku", number)

    def load(self, name):
        return self.file[135168:] if name == "store.db" else b""


def check(path):
    plain = bytearray((Reader if os.path.isdir(path) else BackupReader)(path).read())
    plain[18:20] = b"\1\1"  # not in write-ahead-log mode: there is none beside the copy
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, "plain.db")
        open(path, "wb").write(plain)
        connection = sqlite3.connect(path)
        words = [row[0] for row in connection.execute("SELECT a FROM sample ORDER BY rowid")]
        assert words == ["in the database", "in the log"], words
        assert connection.execute("SELECT count(*) FROM filler").fetchone() == (8,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()


def main():
    print("1..%d" % (len(sys.argv) - 1))
    for number, path in enumerate(sys.argv[1:], 1):
        (check_vector if path.endswith(".md") else check)(path)
        print("ok %d %s" % (number, os.path.basename(path)))


main()
