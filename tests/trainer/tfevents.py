#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""tfevents.py FILE...: reads event files of TensorBoard, with nothing of fkp or TensorFlow in it.

Checks both checksums of every record and prints "STEP TAG VALUE" for each scalar; exits with 1 where a record is broken.
"""
import struct
import sys

TABLE = []
for byte in range(256):
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
    TABLE.append(byte)


def masked_crc(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 255]
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


# The check value of CRC-32C that every catalogue names.
assert (masked_crc(b'123456789') - 0xA282EAD8) & 0xFFFFFFFF == ((0xE3069283 >> 15 | 0xE3069283 << 17) & 0xFFFFFFFF)


def records(data):
    while data:
        length, of_length = struct.unpack('<QI', data[:12])
        if masked_crc(data[:8]) != of_length:
            sys.exit('the checksum of a length is wrong')
        body, (of_body,) = data[12:12 + length], struct.unpack('<I', data[12 + length:16 + length])
        if masked_crc(body) != of_body:
            sys.exit('the checksum of a record is wrong')
        yield body
        data = data[16 + length:]


def varint(data):
    value = 0
    for i, byte in enumerate(data):
        value |= (byte & 127) << 7 * i
        if byte < 128:
            return value, data[i + 1:]
    sys.exit('a number breaks off')


def fields(data):
    """Number and value of each field of a protobuf message."""
    while data:
        key, data = varint(data)
        kind = key & 7
        if kind == 0:
            value, data = varint(data)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
            value, data = struct.unpack('<d' if kind == 1 else '<f', data[:size])[0], data[size:]
        elif kind == 2:
            size, data = varint(data)
            value, data = data[:size], data[size:]
        else:
            sys.exit(f'a field of the unknown kind {kind}')
        yield key >> 3, value


for name in sys.argv[1:]:
    with open(name, 'rb') as file:
        events = [dict(fields(record)) for record in records(file.read())]
    if events[0].get(3) != b'brain.Event:2' or not all(event[1] > 1e9 for event in events):
        sys.exit('the first record names no version, or an event has no time')
    for event in events[1:]:
        for number, summary in fields(event[5]):
            value = dict(fields(summary))
            print(event[2], value[1].decode(), repr(value[2]))
