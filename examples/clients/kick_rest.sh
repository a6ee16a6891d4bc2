#!/bin/sh
# The same over REST with curl and Python's base64: sh kick_rest.sh localhost:8501 kick.wav
# The `wav` signature answers with whole files in base64. z is random: the server wants 100 numbers,
# or as many as its `describe` says.
set -eu
url="http://$1/v1/models/drums:predict"
describe='{"signature_name": "describe", "inputs": {}}'
latent=$(curl -sSf "$url" -d "$describe" | python3 -c 'import json, sys
print(json.load(sys.stdin)["outputs"]["latent_dim"])')
body=$(python3 -c "import json, random
z = [random.gauss(0, 1) for _ in range($latent)]
print(json.dumps({'signature_name': 'wav', 'instances': [{'z': z, 'label': 0}]}))")
curl -sSf "$url" -d "$body" | python3 -c 'import base64, json, sys
row = json.load(sys.stdin)["predictions"][0]
open(sys.argv[1], "wb").write(base64.b64decode(row["b64"]))' "$2"
echo "$2"
