"""What a text may say of a person: little, of known size, and never alone; and reading lists, which say nothing."""

from __future__ import annotations

import runpy
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from virtu.errors import InputError
from virtu.inference import posterior, priors, text, written
from virtu.inference.outside_in import infer
from virtu.inference.posterior import Posterior
from virtu.inference.priors import EMPATHY
from virtu.inference.text import FARTHEST, FEWEST_WORDS, Heard, Model
from virtu.show import infer_words

ROOT = Path(__file__).parents[1]
PROSE = "I think of the people there and of what they have lost, and it makes me sad that nobody has come to help them. "


def _posterior(point: np.ndarray) -> Posterior:
    """A posterior of one person with given coordinates of the two weights, shape (S, 2)."""
    prior = priors.prior(priors.of_traits(*EMPATHY))
    draws = point[None].astype(np.float32)
    kind = np.full((1, len(prior.shares)), 1.0 / len(prior.shares))
    value = posterior.values(prior, draws)
    return Posterior(prior, ("Ann",), draws, value, value[:, 0], posterior.before(prior), np.ones((1, 1)), kind, np.array([500.0]), "")


def _of_prior(count: int = 1200) -> Posterior:
    prior = priors.prior(priors.of_traits(*EMPATHY))
    return _posterior(priors.draw(prior, count, np.random.default_rng(1)))


def _file(folder: Path, content: str) -> Path:
    path = folder / "text.txt"
    path.write_text(content, encoding="utf-8")
    return path


# how far a text may go


@settings(max_examples=60)
@given(
    st.floats(-FARTHEST, FARTHEST),
    st.lists(st.tuples(st.floats(-9.0, 9.0), st.floats(0.05, 3.0)), min_size=1, max_size=4),
    st.integers(0, 99),
)
def test_no_text_moves_a_mean_by_more_than_its_share(score: float, peaks: list[tuple[float, float]], seed: int) -> None:
    """Whatever the choices left: one peak, or several far apart, about which a text could otherwise decide alone."""
    chance = np.random.default_rng(seed)
    point = np.concatenate([chance.normal(middle, spread, (200, 2)) for middle, spread in peaks])
    found, model = _posterior(point), text.shipped()
    after, told = written.moved(found, 0, Heard(400, score, False), model, seed)
    mean = [part.value[0].mean(axis=1).mean() for part in (found, after)]
    way = told["says"] - mean[0]
    assert told["at_most"] == pytest.approx(model.r**2)
    assert abs(mean[1] - mean[0]) <= model.r**2 * abs(way) + 1e-5
    assert (mean[1] - mean[0]) * way >= -1e-5


def test_the_bound_binds_where_a_text_is_given_more_weight() -> None:
    """The check above can fail: heard with a correlation of .9, the same text moves the same draws farther than .31² of the way."""
    chance = np.random.default_rng(0)
    found = _posterior(np.concatenate([chance.normal(-6.0, 0.3, (300, 2)), chance.normal(6.0, 0.3, (300, 2))]))
    bold = text.shipped()._replace(r=0.9)
    after, told = written.moved(found, 0, Heard(400, 2.0, False), bold, 0)
    honest = text.shipped().r ** 2
    assert told["after"] - told["before"] > honest * (told["says"] - told["before"])
    assert after.value[0].mean() == pytest.approx(told["after"], abs=1e-5)


def test_a_prior_moves_by_the_share_and_narrows_as_derived() -> None:
    """Of a normal prior: r² of the way to what the text says, variance less by r²; types are weighed anew, the effective number falls."""
    model = text.shipped()
    prior = priors.prior(priors.of_traits(*EMPATHY), {name: {"normal": [0.1, 0.15]} for name in EMPATHY})
    point = np.random.default_rng(2).standard_normal((1, 4000, 2)).astype(np.float32)
    value = posterior.values(prior, point)
    found = Posterior(
        prior, ("Ann",), point, value, value[:, 0], posterior.before(prior), np.ones((1, 1)), np.ones((1, 1)), np.array([900.0]), ""
    )
    after, told = written.moved(found, 0, Heard(400, 2.0, False), model, 0)
    share = (told["after"] - told["before"]) / (told["says"] - told["before"])
    assert share == pytest.approx(model.r**2, rel=0.06)
    assert share <= model.r**2
    narrowed = after.value[0].mean(axis=1).var() / found.value[0].mean(axis=1).var()
    assert narrowed == pytest.approx(1.0 - model.r**2, abs=0.05)
    assert after.effective[0] < 900.0
    typed, _ = written.moved(_of_prior(), 0, Heard(400, 2.5, False), model, 0)
    shares = _of_prior().kind[0]
    kindest = int(np.argmax(typed.prior.centres.sum(axis=1)))
    assert typed.kind[0].sum() == pytest.approx(1.0)
    assert typed.kind[0, kindest] > shares[kindest]


def test_a_game_without_empathy_hears_no_text() -> None:
    prior = priors.prior(priors.of_traits("nerve"))
    point = np.zeros((1, 10, 1), np.float32)
    value = posterior.values(prior, point)
    bare = Posterior(prior, ("Ann",), point, value, value[:, 0], posterior.before(prior), np.ones((1, 1)), np.ones((1, 1)), np.ones(1), "")
    with pytest.raises(InputError, match="measures nothing that this game"):
        written.moved(bare, 0, Heard(400, 1.0, False), text.shipped(), 0)


# what is heard


def test_no_words_carry_a_text_beyond_the_training_data(tmp_path: Path) -> None:
    """Not even the word of the greatest weight and nothing else."""
    model = text.shipped()
    loudest = model.words[int(np.argmax(model.weights))]
    said = text.heard(_file(tmp_path, f"{loudest} " * 400))
    assert (said.score, said.cut, said.words) == (FARTHEST, True, 400)
    assert not text.heard(_file(tmp_path, PROSE * 15)).cut


@pytest.mark.parametrize("count", [0, 10, FEWEST_WORDS - 1])
def test_short_texts_are_refused(tmp_path: Path, count: int) -> None:
    with pytest.raises(InputError, match=f"has {count} words, and {FEWEST_WORDS} are needed"):
        text.heard(_file(tmp_path, "word " * count))
    assert text.heard(_file(tmp_path, "word " * FEWEST_WORDS)).words == FEWEST_WORDS


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\xfa" * 100)
    for name, told in (("bytes", "not UTF-8"), ("nowhere", "No such file")):
        with pytest.raises(InputError, match=told):
            text.heard(tmp_path / name)


def test_a_model_finds_what_words_tell_and_says_how_well() -> None:
    """People who write of cats when they care more: a correlation near that in the data, and near 0 where words tell nothing."""
    chance = np.random.default_rng(4)
    caring = chance.normal(size=120)
    many = chance.binomial(200, 1.0 / (1.0 + np.exp(-caring)))
    texts = [f"{'cat ' * cats}{'dog ' * (200 - cats)}" for cats in many]
    assert text.trained(texts, caring).r > 0.85
    assert abs(text.trained(texts, chance.normal(size=120)).r) < 0.3


def test_the_shipped_model_is_that_of_the_published_essays(data: Path) -> None:
    made = runpy.run_path(str(ROOT / "benchmarks" / "text_model.py"))
    texts, rated = made["people"](data)
    shipped, again = text.shipped(), text.fitted([Counter(text.words(one)) for one in texts], rated)
    assert shipped.words == again.words
    np.testing.assert_allclose(shipped.weights, again.weights, atol=1e-4)
    assert shipped.people == len(rated) == 372
    assert all(word == " ".join(text.words(word)) and " " not in word for word in shipped.words)


def test_the_shipped_correlation_is_one_of_people_who_were_left_out() -> None:
    shipped = text.shipped()
    assert 0.2 < shipped.low < shipped.r < shipped.high < 0.41
    assert isinstance(shipped, Model)


# reading lists


def test_reading_lists_share_titles_and_touch_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lists.csv"
    path.write_text("person,title\nAnn,The Trial\nAnn,War and Peace\nBo,the trial\nBo,The Castle of War\n", encoding="utf-8")
    (found,) = written.overlaps(path, ["Ann", "Bo", "Cy"])
    assert found["people"] == ["Ann", "Bo"]
    assert found["shared"] == ["The Trial"]
    assert found["titles"] == pytest.approx(1 / 3)
    assert found["words"] == pytest.approx(2 / 4)
    with pytest.raises(InputError, match="1 of the people"):
        written.overlaps(path, ["Ann", "Cy"])


# the whole


def test_a_text_is_off_unless_asked_for_and_says_how_little_it_may(tmp_path: Path) -> None:
    """Beside choices it moves its author and nobody else; the correlation is said with it."""
    table = ROOT / "examples" / "dividing.csv"
    plain = infer(table, "dictator")
    author, *others = plain["people"]
    path = _file(tmp_path, PROSE * 15)
    (tmp_path / "lists.csv").write_text(f"person,title\n{author},The Trial\n{others[0]},The Trial\n", encoding="utf-8")
    told = infer(table, "dictator", text=path, actor=author, readings=tmp_path / "lists.csv")
    assert plain["text"] is None
    assert {name: plain["people"][name] for name in others} == {name: told["people"][name] for name in others}
    said = told["text"]
    assert abs(said["after"] - said["before"]) <= said["at_most"] * abs(said["says"] - said["before"])
    assert said["after"] != said["before"]
    notes = " ".join(infer_words.notes(told))
    assert "correlation of 0.31" in notes
    assert "cross-validated over 372 people" in notes
    assert "says nothing of their traits" in notes
    assert f"--text {path} --actor {author}" in infer_words.command(told)
    faults = {"who wrote": {"text": path}, "there is none": {"actor": author}, "made no choices": {"text": path, "actor": "Zed"}}
    for message, wrong in faults.items():
        with pytest.raises(InputError, match=message):
            infer(table, "dictator", **wrong)
