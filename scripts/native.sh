#!/bin/sh
# The embedded model's engine (llama.cpp in xllamacpp), built here for this processor, in place of the wheel,
# which is made for AVX2: the same version, nothing else changes. Needs a C++ compiler, 1.5 GB of disk and, on
# two cores, some twenty minutes. What it pays: docs/measurements.md.  Back again: pip install --force-reinstall.
#   sh scripts/native.sh [PYTHON]
set -eu
cd "$(dirname "$0")/.."
python=$(command -v "${1:-.venv/bin/python}") || {
  echo "There is no ${1:-.venv/bin/python}; run \`make setup\` first. 请先运行 make setup。" >&2
  exit 1
}
case $python in /*) ;; *) python=$PWD/$python ;; esac
for compiler in "${CC:-cc}" "${CXX:-c++}"; do
  command -v "$compiler" >/dev/null 2>&1 || {
    echo "make native needs a C and a C++ compiler, and '$compiler' is not here: \`apt install g++\` or its like." >&2
    echo "Without it all works as before. 缺少编译器 $compiler，请先安装 g++；不装也照常可用。" >&2
    exit 1
  }
done
version=$(sed -n 's/^xllamacpp==\([^ ;]*\).*/\1/p' constraints.txt)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pip() { "$python" -m pip --disable-pip-version-check "$@"; }
echo "Building xllamacpp $version for this processor, some twenty minutes. 正在为本机处理器编译，约二十分钟…" >&2
"$python" -m venv "$work/tools"
tools=$work/tools/bin
"$tools/python" -m pip install --quiet --disable-pip-version-check \
  "setuptools>=77" wheel "cython>=3.1" "versioneer[toml]" cmake ninja
pip download --quiet --no-deps --no-binary xllamacpp --dest "$work" "xllamacpp==$version"
tar -xzf "$work/xllamacpp-$version.tar.gz" -C "$work"
source=$work/xllamacpp-$version
# TLS and LLGuidance would be fetched while building, and are for what is not used here; its setup.py does
# without them where they are absent.
off="TESTS EXAMPLES APP UI BORINGSSL"
flags="-DCMAKE_BUILD_TYPE=Release -DGGML_NATIVE=ON -DGGML_CCACHE=OFF -DLLAMA_LLGUIDANCE=OFF -DLLAMA_USE_PREBUILT_UI=OFF"
for part in $off; do flags="$flags -DLLAMA_BUILD_$part=OFF"; done
if ! PATH=$tools:$PATH CMAKE_GENERATOR=Ninja CMAKE_ARGS=$flags nice "$tools/python" -m pip wheel \
  --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir "$work" "$source" \
  >"$work/log" 2>&1; then
  tail -n 30 "$work/log" >&2
  echo "The engine could not be built; the one that is installed stays. 编译失败，仍用原来的引擎。" >&2
  exit 1
fi
pip install --quiet --no-deps --force-reinstall "$work"/xllamacpp-*.whl
"$python" -c "import xllamacpp; print(xllamacpp.get_system_info())"
