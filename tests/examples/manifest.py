#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""manifest.py FKP_RTSP MANIFEST: whether every field of the manifest is one that Kubernetes knows, by the models that its own
OpenAPI description was made into (python3-kubernetes), and whether what its parts say of each other is true. 77: that is missing."""
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib

try:
    import yaml
    from kubernetes.client import models
except ImportError as e:
    print(f'needs python3-kubernetes: {e}')
    sys.exit(77)

PLAIN = {'str': str, 'int': int, 'bool': bool, 'object': object}


def problems(value, kind, where):
    """What is wrong with a value that should be of that kind: a plain one, a list, a dictionary or a model."""
    if kind in PLAIN:
        fits = isinstance(value, PLAIN[kind]) and (kind != 'int' or not isinstance(value, bool))
        return [] if fits else [f'{where}: {value!r} is no {kind}']
    if inner := re.fullmatch(r'list\[(.*)\]', kind):
        if not isinstance(value, list):
            return [f'{where}: no list']
        return [p for i, v in enumerate(value) for p in problems(v, inner[1], f'{where}[{i}]')]
    if not isinstance(value, dict):
        return [f'{where}: no table']
    if inner := re.fullmatch(r'dict\(str, (.*)\)', kind):
        return [p for k, v in value.items() for p in problems(v, inner[1], f'{where}.{k}')]
    model = getattr(models, kind)
    fields = {name: attribute for attribute, name in model.attribute_map.items()}
    found = [f'{where}: {kind} has no field {key}' for key in value if key not in fields]
    known = {key: v for key, v in value.items() if key in fields}
    found += [p for key, v in known.items() for p in problems(v, model.openapi_types[fields[key]], f'{where}.{key}')]
    try:
        model(**{fields[key]: v for key, v in known.items()})
    except (TypeError, ValueError) as e:  # a field that must be there
        found.append(f'{where}: {e}')
    return found


def kind_of(document):
    group, _, version = document['apiVersion'].rpartition('/')
    assert group in ('', 'apps'), group
    return version.capitalize() + document['kind']


def expect(truth, what):
    if not truth:
        sys.exit(f'wrong: {what}')


program, manifest = sys.argv[1:]
parts = {}
for document in yaml.safe_load_all(pathlib.Path(manifest).read_text()):
    wrong = problems(document, kind_of(document), document['kind'])
    expect(not wrong, '\n'.join(wrong))
    parts[document['kind']] = document
expect(problems({'replica': 2}, 'V1StatefulSetSpec', ''), 'a misspelt field is not noticed')

pods, service, files = parts['StatefulSet']['spec'], parts['Service'], parts['ConfigMap']['data']
labels, container = pods['template']['metadata']['labels'], pods['template']['spec']['containers'][0]
expect(pods['selector']['matchLabels'].items() <= labels.items(), 'the StatefulSet does not select its pods')
expect(service['spec']['selector'].items() <= labels.items(), 'the Service does not select the pods')
expect(service['metadata']['name'] == pods['serviceName'], 'there is no Service of that name')
mounted = {m['name']: m['mountPath'] for m in container['volumeMounts']}
for volume in pods['template']['spec']['volumes']:
    expect(volume['name'] in mounted, f"volume {volume['name']} is not mounted")
    expect('configMap' not in volume or volume['configMap']['name'] == parts['ConfigMap']['metadata']['name'], 'no such ConfigMap')
ports = {p['name']: p['containerPort'] for p in container['ports']}
for probe in ('startupProbe', 'livenessProbe'):
    expect(container[probe]['httpGet']['port'] in ports, f'{probe} asks no port of the container')

variables = [e['name'] for e in container['env'] if 'valueFrom' in e]
expect('POD_NAME' in variables, 'POD_NAME is not set')
cameras = []
with tempfile.TemporaryDirectory() as folder:
    expect(len(files) == pods['replicas'], 'there are not as many files as pods')
    for number in range(pods['replicas']):
        name = container['args'][0].replace('$(POD_NAME)', f"{parts['StatefulSet']['metadata']['name']}-{number}")
        expect(str(pathlib.PurePath(name).parent) == mounted['cameras'], f'{name} is not where the ConfigMap is')
        text = files[pathlib.PurePath(name).name]
        config = tomllib.loads(text)
        expect(int(config['metrics']) == ports['metrics'], f'{name}: metrics at another port')
        cameras += [(camera['name'], camera['uri']) for camera in config['camera']]
        file = pathlib.Path(folder, pathlib.PurePath(name).name)
        file.write_text(text)
        checked = subprocess.run(['env', *(f'{v}=x' for v in variables), program, '--check', file],
                                 capture_output=True, text=True, check=False)
        expect(checked.returncode == 0, checked.stderr)
for i, what in enumerate(('name', 'uri')):
    values = [camera[i] for camera in cameras]
    expect(len(set(values)) == len(values), f'two cameras have the same {what}')
print(f"{len(parts)} parts, {pods['replicas']} pods, {len(cameras)} cameras")
