"""Trains the demo model: text, vocabulary, weights, GGUF file. `train.sh` runs it."""
from __future__ import annotations

import argparse
import math
import random
import time
from pathlib import Path
from statistics import mean
from typing import Callable, NamedTuple

import sentencepiece
import torch
from torch import Tensor, nn
from torch.nn import functional

from corpus import Knowledge, Writer
from gguf_file import export
from model import Llama, Shape
from tokenizer import USER, VOCAB_SIZE, Row, Tokenizer

SEED = 20
VOCABULARY_CONVERSATIONS = 60_000
POOL = 3_000                # conversations sorted by length together, so that little padding is computed
BATCH_TOKENS = 2_048
PEAK_RATE = 1e-3
WARM_SHARE = 0.15           # of the rate, for what the warm-up has already taught
WARMUP_STEPS = 40
SHORT_PHASE = 0.6           # of the training: mostly single questions; after it all kinds of conversations
SHORT_SHARE = 0.8
MERGE_DROPOUT = 0.05
WITHOUT_BOS = 0.15          # clients differ in whether they put the start token
CUT_ANSWERS = 0.75          # of most last answers only the beginning is learnt: there the topic is chosen,
CUT_LENGTH = 4              # and many more questions are seen in the same time
BAG_QUESTIONS = 500_000
BAG_BATCH = 400
BAG_RATE = 1e-2
EMBEDDING_SCALE = 0.05
ATTENTION_STEPS = 2_500
ATTENTION_RATE = 3e-3
ATTENTION_SHORT_SHARE = 0.5
REPORT_STEPS = 50
SAVE_STEPS = 250            # an interrupted training leaves a file, too


def size_words(shape: Shape) -> dict[str, str]:
    return {"params": f"{shape.parameters / 1e6:.1f}", "vocab": str(shape.vocab)}


def vocabulary_text(writer: Writer) -> list[str]:
    texts = []
    for _ in range(VOCABULARY_CONVERSATIONS):
        conversation = writer.conversation()
        texts += [text for text in (conversation.plain, conversation.system) if text]
        for turn in conversation.turns:
            texts += [turn.question, turn.answer]
    return [line for text in texts for line in text.split("\n") if line]


class Batch(NamedTuple):
    """Positions are those in the flattened batch: before a token to learn, and where a topic is asked for."""

    ids: Tensor
    positions: Tensor
    targets: Tensor
    askings: Tensor
    topics: Tensor


class Batches:
    """An endless supply of batches of rows of about the same length."""

    def __init__(self, writer: Writer, tokenizer: Tokenizer, context: int, short_share: float) -> None:
        self.writer, self.tokenizer, self.context = writer, tokenizer, context
        self.random = random.Random(SEED)
        self.topic_ids = {name: index for index, name in enumerate(writer.knowledge.topics)}
        self.short_share = short_share
        self._ready: list[list[Row]] = []

    def next(self) -> Batch:
        if not self._ready:
            self._ready = self._fill()
        rows = self._ready.pop()
        length = max(len(row.ids) for row in rows) - 1
        ids = torch.zeros(len(rows), length, dtype=torch.long)
        positions, targets, askings, topics = [], [], [], []
        for index, row in enumerate(rows):
            ids[index, : len(row.ids) - 1] = torch.tensor(row.ids[:-1])
            for at in range(1, len(row.ids)):
                if row.learn[at]:
                    positions.append(index * length + at - 1)
                    targets.append(row.ids[at])
            askings += [index * length + at for at, _ in row.topics]
            topics += [self.topic_ids[topic] for _, topic in row.topics]
        return Batch(ids, *(torch.tensor(x, dtype=torch.long) for x in (positions, targets, askings, topics)))

    def _fill(self) -> list[list[Row]]:
        rows = sorted((self._row() for _ in range(POOL)), key=lambda row: len(row.ids))
        batches: list[list[Row]] = [[]]
        for row in rows:
            if (len(batches[-1]) + 1) * len(row.ids) > BATCH_TOKENS:
                batches.append([])
            batches[-1].append(row)
        self.random.shuffle(batches)
        return batches

    def _row(self) -> Row:
        short = self.random.random() < self.short_share
        conversation = self.writer.single() if short else self.writer.conversation()
        row = self.tokenizer.row(conversation, self.random.random() >= WITHOUT_BOS,
                                 MERGE_DROPOUT if self.random.random() < 0.5 else 0.0)
        length = self.context
        if row.topics and self.random.random() < CUT_ANSWERS:
            length = min(length, row.topics[-1][0] + 1 + CUT_LENGTH)
        return row.cut(length)


def normalised(x: Tensor) -> Tensor:
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6)


def pooled(embedding: nn.Embedding, rows: list[list[int]]) -> Tensor:
    """The mean of the normalised embeddings of each row, normalised like the model's last norm."""
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True, padding_value=-1)
    there = (ids >= 0).unsqueeze(-1)
    return normalised((normalised(embedding(ids.clamp(min=0))) * there).sum(1) / there.sum(1))


class Warmer:
    """Gives the embeddings and the first layer a start, so that the training begins with a rough idea of every question.

    First the embeddings learn to tell the topics of single questions apart as a bag of tokens, which is cheap. The first
    layer's attention then starts as that bag, taken evenly over all that was said, and learns alone which of it counts:
    the last question of a conversation. The other layers start close to doing nothing.
    """

    def __init__(self, model: Llama, head: nn.Linear, tokenizer: Tokenizer) -> None:
        self.embedding, self.layer, self.model = model.token_embd, model.blk[0], model
        self.head, self.tokenizer = head, tokenizer

    def bag(self, writer: Writer) -> None:
        topic_ids = {name: index for index, name in enumerate(writer.knowledge.topics)}
        optimizer = torch.optim.Adam([*self.embedding.parameters(), *self.head.parameters()], lr=BAG_RATE)
        steps, losses = BAG_QUESTIONS // BAG_BATCH, []
        for step in range(1, steps + 1):
            optimizer.param_groups[0]["lr"] = BAG_RATE * (1 - step / (steps + 1))
            asked = [writer.topic() for _ in range(BAG_BATCH)]
            rows = [[USER, *self.tokenizer.encode(writer.question(topic), MERGE_DROPOUT)] for topic in asked]
            topics = torch.tensor([topic_ids[topic.name] for topic in asked])
            losses.append(self._learn(optimizer, pooled(self.embedding, rows), topics))
            self._report("bag of tokens", step, steps, losses)
        with torch.no_grad():
            self.embedding.weight *= EMBEDDING_SCALE / self.embedding.weight.std()
            nn.init.orthogonal_(self.layer.attn_v.weight)
            self.layer.attn_output.weight.copy_(self.layer.attn_v.weight.T)
            for weight in (self.layer.attn_q.weight, self.layer.attn_k.weight):
                nn.init.normal_(weight, std=0.05)

    def attention(self, batches: Batches) -> None:
        layer = self.layer
        new = [layer.attn_q.weight, layer.attn_k.weight]
        known = [self.embedding.weight, layer.attn_v.weight, layer.attn_output.weight, *self.head.parameters()]
        optimizer = torch.optim.Adam([{"params": new}, {"params": known}], betas=(0.9, 0.98))
        losses = []
        for step in range(1, ATTENTION_STEPS + 1):
            rate = ATTENTION_RATE * (1 - step / (ATTENTION_STEPS + 1))
            optimizer.param_groups[0]["lr"], optimizer.param_groups[1]["lr"] = rate, rate / 2
            batch = batches.next()
            if len(batch.topics) > 0:
                heard = self.model.after_attention(batch.ids).flatten(0, 1)[batch.askings]
                losses.append(self._learn(optimizer, normalised(heard), batch.topics))
            self._report("first attention", step, ATTENTION_STEPS, losses)

    def _learn(self, optimizer: torch.optim.Optimizer, features: Tensor, topics: Tensor) -> float:
        loss = functional.cross_entropy(self.head(features), topics)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        return loss.item()

    @staticmethod
    def _report(what: str, step: int, steps: int, losses: list[float]) -> None:
        if step % 250 == 0:
            print(f"  {what}, step {step} of {steps}: topic loss {mean(losses[-250:]):.3f}", flush=True)


def rate_at(step: int, steps: int) -> float:
    if step < WARMUP_STEPS:
        return PEAK_RATE * step / WARMUP_STEPS
    progress = (step - WARMUP_STEPS) / max(1, steps - WARMUP_STEPS)
    return PEAK_RATE * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * progress)))


def optimizer_for(model: Llama, head: nn.Linear) -> torch.optim.AdamW:
    first = model.blk[0]
    warm = [*model.token_embd.parameters(), *head.parameters(), first.attn_q.weight, first.attn_k.weight,
            first.attn_v.weight, first.attn_output.weight]
    matrices = [p for p in model.parameters() if p.dim() == 2 and not any(p is w for w in warm)]
    norms = [p for p in model.parameters() if p.dim() == 1]
    groups = [{"params": warm, "weight_decay": 0.02, "share": WARM_SHARE},
              {"params": matrices, "weight_decay": 0.1, "share": 1.0},
              {"params": norms, "weight_decay": 0.0, "share": 1.0}]
    return torch.optim.AdamW(groups, lr=PEAK_RATE, betas=(0.9, 0.97), eps=1e-8)


def train(model: Llama, head: nn.Linear, batches: Batches, steps: int, log: Path, save: Callable[[], None]) -> None:
    """Besides the text, the head, which is thrown away, learns to name the topic where the answer begins."""
    optimizer = optimizer_for(model, head)
    started, tokens, losses, guesses = time.monotonic(), 0, [], []
    with log.open("w") as file:
        def report(line: str) -> None:
            print(line, flush=True)
            file.write(line + "\n")

        report(f"{model.shape}: {model.shape.parameters:,} parameters, seed {SEED}")
        report("    step      loss     topic      rate    tokens  tokens/s   elapsed      left")
        for step in range(1, steps + 1):
            for group in optimizer.param_groups:
                group["lr"] = rate_at(step, steps) * group["share"]
            if step > SHORT_PHASE * steps:
                batches.short_share = 0.0
            batch = batches.next()
            hidden = model.hidden(batch.ids).flatten(0, 1)
            loss = functional.cross_entropy(model.output(hidden[batch.positions]), batch.targets)
            asked = len(batch.topics) > 0
            guess = functional.cross_entropy(head(hidden[batch.askings]), batch.topics) if asked else torch.zeros(())
            optimizer.zero_grad(set_to_none=True)
            (loss + 0.5 * guess).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            tokens += batch.ids.numel()
            losses.append(loss.item())
            guesses += [guess.item()] if asked else []
            if step % REPORT_STEPS == 0 or step == steps:
                elapsed = time.monotonic() - started
                left = elapsed / step * (steps - step)
                report(f"{step:8} {mean(losses):9.4f} {mean(guesses):9.4f} {rate_at(step, steps):9.2e} {tokens:9} "
                       f"{tokens / elapsed:9.0f} {elapsed:8.0f}s {left:8.0f}s")
                losses, guesses = [], []
            if step % SAVE_STEPS == 0 or step == steps:
                save()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the GGUF file to write")
    parser.add_argument("--log", type=Path, required=True, help="the training log to write")
    parser.add_argument("--steps", type=int, default=4000)
    arguments = parser.parse_args()
    torch.manual_seed(SEED)
    sentencepiece.set_random_generator_seed(SEED)

    shape = Shape(VOCAB_SIZE)
    knowledge = Knowledge(size_words(shape))
    print("Training the vocabulary ...", flush=True)
    tokenizer = Tokenizer.train(vocabulary_text(Writer(knowledge, SEED)))
    model = Llama(shape)
    head = nn.Linear(shape.width, len(knowledge.topics))
    print("Warming up ...", flush=True)
    warmer = Warmer(model, head, tokenizer)
    warmer.bag(Writer(knowledge, SEED + 2))
    warmer.attention(Batches(Writer(knowledge, SEED + 3), tokenizer, shape.context, ATTENTION_SHORT_SHARE))
    train(model, head, Batches(Writer(knowledge, SEED + 1), tokenizer, shape.context, SHORT_SHARE), arguments.steps,
          arguments.log, save=lambda: export(arguments.out, model, tokenizer))
    print(f"Wrote {arguments.out}: {arguments.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
