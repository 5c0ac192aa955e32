from __future__ import annotations

import pytest

from models.processor import has_bfloat16

X86 = """processor\t: 0
vendor_id\t: GenuineIntel
model name\t: {name}
flags\t\t: fpu vme sse4_2 avx2 f16c avx512f avx512_vnni {flags}
bugs\t\t: spectre_v1
"""
ARM = """processor\t: 0
BogoMIPS\t: 2100.00
Features\t: fp asimd evtstrm aes crc32 asimddp sve {features}
CPU implementer\t: 0x41
"""


@pytest.fixture
def on(tmp_path):
    def tell(cpu_info: str) -> bool:
        (tmp_path / "cpuinfo").write_text(cpu_info)
        return has_bfloat16(tmp_path / "cpuinfo")

    return tell


@pytest.mark.parametrize(
    "flags", ["avx512_bf16", "amx_bf16 amx_tile", "avx512_bf16 amx_bf16", "wbnoinvd avx512_bf16 clzero"]
)
def test_an_x86_processor_with_avx512_or_amx_for_bfloat16_has_it(on, flags):
    assert on(X86.format(name="Xeon", flags=flags))


@pytest.mark.parametrize("flags", ["", "amx_tile amx_int8", "avx512_fp16", "xbf16x"])
def test_an_x86_processor_without_them_has_not(on, flags):
    assert not on(X86.format(name="Xeon", flags=flags))


def test_the_name_of_a_processor_is_not_a_flag(on):
    assert not on(X86.format(name="bf16 avx512_bf16", flags=""))


@pytest.mark.parametrize("features", ["bf16", "i8mm bf16 rng"])
def test_an_arm_processor_with_bf16_has_it(on, features):
    assert on(ARM.format(features=features))


@pytest.mark.parametrize("features", ["", "i8mm", "asimdhp"])
def test_an_arm_processor_without_has_not(on, features):
    assert not on(ARM.format(features=features))


def test_one_processor_with_it_is_enough_to_know(on):
    assert on(X86.format(name="a", flags="") + X86.format(name="b", flags="avx512_bf16"))


def test_where_nothing_tells_the_answer_is_no(tmp_path):
    assert not has_bfloat16(tmp_path / "missing")


def test_bytes_that_are_no_text_do_not_matter(tmp_path):
    (tmp_path / "cpuinfo").write_bytes(b"model name: \xff\xfe\nflags : avx512_bf16\n")
    assert has_bfloat16(tmp_path / "cpuinfo")
