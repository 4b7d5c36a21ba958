#!/bin/sh
# Makes millrace-demo.gguf anew: text, vocabulary, training, export, evaluation. Usage: train.sh [STEPS]
set -eu
cd "$(dirname "$0")"
python=${PYTHON:-/usr/bin/python3}
steps=${1:-4000}

missing=""
"$python" -c 'import torch' 2>/dev/null || missing="$missing python3-torch"
"$python" -c 'import numpy' 2>/dev/null || missing="$missing python3-numpy"
"$python" -c 'import sentencepiece' 2>/dev/null || missing="$missing python3-sentencepiece"
ls /usr/lib/*/openblas-pthread/libblas.so.3 >/dev/null 2>&1 || missing="$missing libopenblas0-pthread"
if [ -n "$missing" ]; then
    echo "Missing Debian packages:$missing"
    echo "Install them with: sudo apt-get install --no-install-recommends$missing"
    exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PYTHONDONTWRITEBYTECODE=1
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
"$python" train.py --out "$work/millrace-demo.gguf" --log "$work/training.log" --steps "$steps"
"$python" evaluate.py "$work/millrace-demo.gguf" --report "$work/evaluation.md"
mv "$work/millrace-demo.gguf" "$work/training.log" "$work/evaluation.md" "$work/evaluation.json" .
echo "Done: millrace-demo.gguf, training.log, evaluation.md, evaluation.json"
