from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from db.engine import reading
from db.errors import UserError
from db.proposals import iterate_proposals
from db.types import Category, Kind, LabelSet, Project, Tag
from workbench.proposing.cascade import run
from workbench.proposing.plan import plan
from workbench.proposing.stages import Parts
from workbench.settings import WorkbenchSettings


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Qwen3 with 0.1 million weights whose vocabulary has Yes, No and the letters as single tokens."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    special = ["<|im_start|>", "<|im_end|>", "<|endoftext|>", "Yes", "No"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=300, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    raw.train_from_iterator(["платье красивое", "a lovely dress"], trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=raw, eos_token="<|im_end|>", pad_token="<|endoftext|>")
    tokenizer.chat_template = (
        "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )
    config = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
        max_position_embeddings=2048,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    folder = tmp_path_factory.mktemp("tiny-qwen3")
    Qwen3ForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def local(model: Path | str) -> Parts:
    return Parts(
        settings=WorkbenchSettings(llm_model=f"local:{model}"),
        champion=lambda project: None,
        embedder=lambda texts: pytest.fail("no embedding here"),
    )


def test_a_model_in_this_process_answers_categories_and_tags(
    sqlite: Engine, seeded: Callable[..., Project], tiny_model: Path
) -> None:
    labels = LabelSet((Category("одежда", "платья"), Category("обувь")), {"": (Tag("Мягкий"), Tag("Тёплый"))})
    project = seeded(Kind.BOTH, ["платье красивое", "a dress"], labels=labels)
    (report,) = run(sqlite, "p", parts=local(tiny_model), stages=["llm"]).stages
    assert (report.proposed, report.rejected, report.cost) == (2, 0, 0.0)
    assert report.note.endswith("in this process, by transformers' decision pipeline")
    with reading(sqlite) as session:
        for proposal in iterate_proposals(session, project):
            assert set(proposal.probabilities) == {"одежда", "обувь", "tag:Мягкий", "tag:Тёплый"}
            assert 1 <= len(proposal.answer.tags or ()) <= 2
    assert plan(sqlite, "p", parts=local(tiny_model), stages=["llm"]).cost == 0.0


def test_more_options_than_letters_are_asked_in_two_steps(
    sqlite: Engine, seeded: Callable[..., Project], tiny_model: Path
) -> None:
    project = seeded(Kind.CATEGORY, ["текст"], labels=LabelSet(tuple(Category(f"c{i}") for i in range(60))))
    run(sqlite, "p", parts=local(tiny_model), stages=["llm"])
    with reading(sqlite) as session:
        (proposal,) = iterate_proposals(session, project)
    assert len(proposal.probabilities) == 60
    assert sum(proposal.probabilities.values()) == pytest.approx(1.0)


def test_a_model_that_cannot_be_loaded_is_named(sqlite: Engine, seeded: Callable[..., Project], tmp_path: Path) -> None:
    seeded(Kind.CATEGORY, ["текст"])
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(UserError, match=f"WORKBENCH_LLM_MODEL=local:{empty} cannot be loaded"):
        run(sqlite, "p", parts=local(empty), stages=["llm"])
