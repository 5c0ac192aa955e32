"""What the processor can do, read without loading torch."""

from __future__ import annotations

import re
from pathlib import Path

_CPU_INFO = Path("/proc/cpuinfo")
_BFLOAT16_FLAGS = re.compile(r"^(?:flags|Features)\s*:.*\b(?:avx512_bf16|amx_bf16|bf16)\b", re.MULTILINE)


def has_bfloat16(cpu_info: Path = _CPU_INFO) -> bool:
    """Return whether the processor multiplies bfloat16 natively (AVX512-BF16, AMX or Arm's BF16).

    Only Linux tells, in ``/proc/cpuinfo``; elsewhere the answer is no, and the encoder runs in float32.
    """
    return cpu_info.exists() and _BFLOAT16_FLAGS.search(cpu_info.read_text(errors="replace")) is not None
