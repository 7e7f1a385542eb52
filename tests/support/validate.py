#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""validate.py SCHEMA FILE...: checks every line of JSON; what the schema does not name counts as wrong, too.

Prints "N lines valid"; exits with 1 and the line's number where one is not, with 77 where there is no python3-jsonschema.
"""
import json
import pathlib
import sys

try:
    import jsonschema
except ImportError:
    print('needs python3-jsonschema')
    sys.exit(77)


def closed(schema):
    """The schema without room for fields that it does not know: a reader allows them, but none is written."""
    if isinstance(schema, list):
        return [closed(s) for s in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: closed(value) for key, value in schema.items()}
    if isinstance(schema.get('properties'), dict):
        result['additionalProperties'] = False
    return result


schema = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding='utf-8'))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(closed(schema))
count = 0
for name in sys.argv[2:]:
    with open(name, encoding='utf-8') as lines:
        for number, line in enumerate(lines, 1):
            error = next(validator.iter_errors(json.loads(line)), None)
            if error is not None:
                print(f'{name}:{number}: {error.json_path}: {error.message}')
                sys.exit(1)
            count += 1
print(f'{count} lines valid')
