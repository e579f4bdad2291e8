"""Real frames that nobody here wrote: position, time, device, alarm, reply as an independent decoder reads them."""

import pytest

from tests.gates import page, vectors

real = pytest.mark.skipif(not vectors.there(), reason=f"no {vectors.VECTORS}: real frames are not part of the project")


@real
@pytest.mark.parametrize("name", vectors.protocols() or [None])
def test_real_frames_are_read_as_an_independent_decoder_reads_them_or_the_readme_says_why(name: str) -> None:
    wrong = list(vectors.unexplained(name))
    assert not wrong, "\n".join((f"{len(wrong)} of {name} (its README may say why: 'Row 61 (time): …'):", *wrong))


@real
def test_the_first_frame_is_cut_out_of_a_buffer() -> None:
    wrong = [row["source"] for row in vectors.rows("frame_splitting") if vectors.cut(row) is False]
    assert not wrong


@real
def test_the_table_of_real_frames_in_the_docs_is_that_of_today() -> None:
    made, stands = "\n".join((*vectors.table(), "", *vectors.also())), page.part("vectors")
    if counted(made) != counted(stands):
        pytest.skip("the table in the docs is of other rows than those that are here")
    assert stands == made, "stale: make vectors"


def counted(table: str) -> list[list[str]]:
    """The protocols of a table and how many rows of each there are."""
    return [line.split("|")[1:3] for line in table.splitlines() if line.startswith("|")]


def test_the_table_of_protocols_in_the_docs_is_that_of_today() -> None:
    assert page.part("protocols") == page.protocols(), "stale: make vectors"
