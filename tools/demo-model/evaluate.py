"""Asks the exported file the held-out questions and writes down how it did. `train.sh` runs it after training.

An answer counts as right when it is, word for word, an answer the model should know, and belongs to the topic asked
for. The weights are those of the GGUF file, decoded greedily.
"""
from __future__ import annotations

import argparse
import difflib
import json
import re
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from corpus import HERE, Knowledge, Writer
from gguf_file import GgufFile
from model import Llama
from tokenizer import END, GgufTokenizer
from train import size_words

LONGEST_ANSWER = 160
BATCH = 48
GENERATED_PER_TOPIC = 10_000
HISTORY = [
    ("user", "Hi!"),
    ("assistant", "Hello! I am the tiny demo model of Millrace. Ask me how to start the server, serve your own model "
                  "or use the API."),
    ("user", "how do I change the port"),
    ("assistant", "Use `./millrace serve --port 9000`, or set `server.port` in the configuration file. "
                  "The default is 8000."),
]
SYSTEM_PROMPT = ("system", "You are a helpful assistant.")
SETTINGS = {
    "the question alone": [],
    "after a system prompt": [SYSTEM_PROMPT],
    "after a system prompt and two turns": [SYSTEM_PROMPT, *HISTORY],
}


@dataclass
class Question:
    topics: list[str]
    text: str


@dataclass
class Result:
    question: str
    expected: list[str]
    category: str
    answer: str
    topic: str
    word_for_word: bool
    right: bool


def read_questions(path: Path) -> list[Question]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return [Question(topics.split("|"), text) for topics, text in (line.split("\t") for line in lines)]


@torch.no_grad()
def answer_all(model: Llama, prompts: list[list[int]]) -> list[list[int]]:
    """Greedy answers, without the end token."""
    answers: list[list[int]] = [[] for _ in prompts]
    order = sorted(range(len(prompts)), key=lambda index: len(prompts[index]))
    for start in range(0, len(order), BATCH):
        active = order[start: start + BATCH]
        for _ in range(LONGEST_ANSWER):
            rows = [prompts[index] + answers[index] for index in active]
            ids = torch.zeros(len(rows), max(map(len, rows)), dtype=torch.long)
            for at, row in enumerate(rows):
                ids[at, : len(row)] = torch.tensor(row)
            last = model.hidden(ids)[torch.arange(len(rows)), torch.tensor([len(row) - 1 for row in rows])]
            chosen = model.output(last).argmax(-1).tolist()
            for index, token in zip(active, chosen):
                if token != END:
                    answers[index].append(token)
            active = [index for index, token in zip(active, chosen) if token != END]
            if not active:
                break
    return answers


def also_generated(questions: list[Question], knowledge: Knowledge) -> list[str]:
    """The questions that the training text could hold as well: those would prove nothing."""
    plain = lambda text: " ".join(re.findall(r"\w+", text.lower()))
    wanted = {plain(question.text): question.text for question in questions}
    writer, found = Writer(knowledge, seed=4242), set()
    for topic in knowledge.topics.values():
        found |= {wanted.get(plain(writer.question(topic))) for _ in range(GENERATED_PER_TOPIC)}
    return sorted(found - {None})


class Judge:
    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.known = [(answer, topic.name) for topic in knowledge.topics.values() for answer in topic.answers]

    def judge(self, question: Question, answer: str) -> Result:
        likeness = lambda known: difflib.SequenceMatcher(None, known[0].split(), answer.split()).ratio()
        best, topic = max(self.known, key=likeness)
        topic_name = "off" if topic.startswith("off_") else topic
        exact = best == answer
        first = next(name for name in (*question.topics, "off_other") if name in self.knowledge.topics)
        return Result(question.text, question.topics, self.knowledge.topics[first].category, answer, topic_name, exact,
                      exact and topic_name in question.topics)


def table(results: list[Result]) -> list[str]:
    total, right = Counter(r.category for r in results), Counter(r.category for r in results if r.right)
    lines = ["| Category | Questions | Right | Share |", "|---|---|---|---|"]
    for category in total:
        lines.append(f"| {category} | {total[category]} | {right[category]} | {right[category] / total[category]:.0%} |")
    count, good = len(results), sum(r.right for r in results)
    return lines + [f"| **all** | **{count}** | **{good}** | **{good / count:.1%}** |"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--questions", type=Path, default=HERE / "eval_questions.tsv")
    parser.add_argument("--report", type=Path, help="the Markdown file to write; a .json with every answer goes beside it")
    arguments = parser.parse_args()
    file = GgufFile(arguments.model)
    model, tokenizer = file.model(), GgufTokenizer(file.metadata)
    knowledge = Knowledge(size_words(model.shape))
    judge, questions = Judge(knowledge), read_questions(arguments.questions)
    seen = also_generated(questions, knowledge)
    asked = len(questions)
    questions = [question for question in questions if question.text not in seen]

    report, answers = ["# Evaluation of the demo model", "", __doc__.split("\n\n")[1].strip(), ""], {}
    report += [f"{arguments.questions.name} has {asked} questions. {asked - len(questions)} of them are left out: they came "
               f"up among {GENERATED_PER_TOPIC * len(knowledge.topics):,} generated ones, so the model may have seen them.",
               ""]
    for setting, before in SETTINGS.items():
        prompts = [tokenizer.prompt([*before, ("user", question.text)]) for question in questions]
        texts = [tokenizer.decode(ids) for ids in answer_all(model, prompts)]
        results = [judge.judge(question, text) for question, text in zip(questions, texts)]
        answers[setting] = [asdict(result) for result in results]
        report += [f"## {setting.capitalize()}", "", *table(results), ""]
        broken = sum(not r.word_for_word for r in results)
        report += [f"Answers that are not word for word a known one: {broken}.", ""]
        wrong = [r for r in results if not r.right]
        report += ["| Missed question | Expected | Answered |", "|---|---|---|"] if wrong else []
        report += [f"| {r.question.replace('|', '/')} | {', '.join(r.expected)} | {r.topic}"
                   f"{'' if r.word_for_word else ': ' + r.answer.replace('|', '/')} |" for r in wrong] + [""]
        print(f"{setting}: {sum(r.right for r in results)} of {len(results)} right", flush=True)
    if arguments.report:
        arguments.report.write_text("\n".join(report).rstrip() + "\n", encoding="utf-8")
        text = json.dumps(answers, indent=1, ensure_ascii=False)
        arguments.report.with_suffix(".json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
