"""Which of the processor's features the embedded model's engine was built for."""

import re
from collections.abc import Collection

# As /proc/cpuinfo calls it → as llama.cpp does. Others follow from these or are not used.
_USED = {
    "avx512f": "AVX512", "avx512_vnni": "AVX512_VNNI", "avx512_bf16": "AVX512_BF16",
    "avx_vnni": "AVX_VNNI", "amx_int8": "AMX_INT8", "asimddp": "DOTPROD", "i8mm": "MATMUL_INT8",
}  # fmt: skip
_ON = re.compile(r"(\w+) = 1")


def built_for() -> list[str] | None:
    """What llama.cpp says of its build; None where it is not installed or says nothing."""
    try:
        import xllamacpp
    except ImportError:
        return None
    return _ON.findall(str(xllamacpp.get_system_info())) or None


def unused(processor: Collection[str], build: Collection[str] | None) -> list[str]:
    """Features that the processor has and the engine does not use.

    Args:
        processor: as /proc/cpuinfo names them.
        build: as `built_for` gives it.
    """
    if build is None:
        return []
    return [
        feature for feature, name in _USED.items() if feature in processor and name not in build
    ]
