"""Makes the training text: questions and answers about Millrace, in endless wordings.

The knowledge is in topics.txt and offtopic.txt, the ways of asking in phrasing.txt.
"""
from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Words of these lists are written with a capital letter where somebody writes properly.
PROPER_LISTS = {"country", "city", "person", "work", "firm", "name", "tongue", "lang"}
PROPER_WORDS = {
    "i": "I", "i'm": "I'm", "i've": "I've", "i'd": "I'd", "millrace": "Millrace", "openai": "OpenAI", "json": "JSON",
    "gguf": "GGUF", "kv": "KV", "yaml": "YAML", "api": "API", "http": "HTTP", "url": "URL", "sse": "SSE", "jdk": "JDK",
    "java": "Java", "python": "Python", "maven": "Maven", "prometheus": "Prometheus", "grafana": "Grafana",
    "java_home": "JAVA_HOME", "millrace_home": "MILLRACE_HOME", "ttft": "TTFT", "llm": "LLM", "gpu": "GPU",
    "cpu": "CPU", "ollama": "Ollama", "vllm": "vLLM", "chatgpt": "ChatGPT", "gpt": "GPT", "claude": "Claude",
    "gemini": "Gemini", "ctrl-c": "Ctrl-C", "ctrl-d": "Ctrl-D", "eos": "EOS", "get": "get", "docker": "Docker",
    "kubernetes": "Kubernetes", "windows": "Windows", "apache": "Apache", "sigterm": "SIGTERM", "cli": "CLI",
}
NEIGHBOURS = {
    "a": "qsz", "b": "vgn", "c": "xdv", "d": "sfe", "e": "wrd", "f": "dgr", "g": "fht", "h": "gjy", "i": "uok",
    "j": "hku", "k": "jli", "l": "kop", "m": "nj", "n": "bmh", "o": "ipl", "p": "ol", "q": "wa", "r": "etf",
    "s": "adw", "t": "ryg", "u": "yij", "v": "cbf", "w": "qes", "x": "zcs", "y": "tuh", "z": "xa",
}
DROPPABLE = {"the", "a", "an", "do", "does", "is", "i", "to", "my", "of", "it", "are", "can", "please", "in", "me"}
EMOJI = ["🙂", "😀", "👍", "❤️", "🚀", "🤔", "😂", "🐱", "🎉", "🔥", "👋", "☀️", "🍕", "💡", "😢", "✅"]
SYMBOLS = ["???", "...", "!!!", "#$%&", "----", "()", "<>", "::", "/", "\\", "***", "=", "@@", "~~~", "|", "[]", "^^", ";;"]
FORMS = ("thing", "do", "get", "ask")


@dataclass
class Topic:
    """One thing the model knows: its answers and the phrases that ask for them."""

    name: str
    category: str
    answers: list[str] = field(default_factory=list)
    phrases: dict[str, list[str]] = field(default_factory=lambda: {form: [] for form in FORMS})


@dataclass
class Turn:
    """A user message and the answer to learn; `learn` is false for history that only stands there."""

    question: str
    answer: str
    topic: str
    learn: bool = True


@dataclass
class Conversation:
    """What one training row holds: a chat, or plain text when `plain` is set."""

    system: str | None = None
    turns: list[Turn] = field(default_factory=list)
    plain: str | None = None


def split_phrases(text: str) -> list[str]:
    return [part for part in text.split("; ") if part.strip()]


class Knowledge:
    """The parsed text files."""

    def __init__(self, values: dict[str, str]) -> None:
        self.topics: dict[str, Topic] = {}
        self.lists: dict[str, list[str]] = {}
        self.frames: dict[str, list[str]] = {}
        self.pieces: dict[str, list[str]] = {}
        self.synonyms: dict[str, list[str]] = {}
        self._values = values
        for name in ("topics.txt", "offtopic.txt", "phrasing.txt"):
            self._read(HERE / name)
        words = "|".join(map(re.escape, sorted(self.synonyms, key=len, reverse=True)))
        self.synonym_pattern = re.compile(rf"(?<![\w.\-/])({words})(?![\w.\-/])")

    def _read(self, path: Path) -> None:
        category, topic = "", None
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            if line.startswith("== "):
                category = line[3:].strip()
            elif line.startswith("["):
                topic = Topic(line.strip()[1:-1], category)
                self.topics[topic.name] = topic
            else:
                key, text = line.split(": ", 1)
                self._take(topic, key, text)

    def _take(self, topic: Topic | None, key: str, text: str) -> None:
        if key.startswith("list "):
            self.lists[key[5:]] = split_phrases(text)
        elif key.startswith("frame "):
            self.frames[key[6:]] = split_phrases(text)
        elif key.startswith("synonym "):
            self.synonyms[key[8:]] = split_phrases(text)
        elif topic is None or key in ("opener", "closer", "system", "filler", "story"):
            self.pieces[key] = split_phrases(text)
        elif key == "answer":
            topic.answers.append(re.sub(r"\{(params|vocab)\}", lambda m: self._values[m[1]], text))
        else:
            topic.phrases[key] += split_phrases(text)


class Writer:
    """Draws questions and conversations. Equal seeds give equal text."""

    def __init__(self, knowledge: Knowledge, seed: int) -> None:
        self.knowledge = knowledge
        self.random = random.Random(seed)
        self._names = list(knowledge.topics)
        self._weights = [self._topic_weight(knowledge.topics[name]) for name in self._names]
        self._choices = {name: self._weigh_phrases(topic) for name, topic in knowledge.topics.items()}

    @staticmethod
    def _topic_weight(topic: Topic) -> float:
        if topic.name == "off_unclear":
            return 1.0
        if topic.category == "off topic":
            return 5.0
        return 3.0 if topic.category == "unknown" else 1.0

    @staticmethod
    def _weigh_phrases(topic: Topic) -> tuple[list[tuple[str, str]], list[float]]:
        entries, weights = [], []
        for form in FORMS:
            for phrase in topic.phrases[form]:
                entries.append((form, phrase))
                alternatives = 1 + phrase.count("|") + 4 * phrase.count("{")
                weights.append(alternatives ** 0.5 * (1.0 if form == "ask" else 2.5))
        return entries, weights

    # --- questions

    def question(self, topic: Topic) -> str:
        """A question about the topic, as somebody might type it."""
        entries, weights = self._choices[topic.name]
        form, phrase = self.random.choices(entries, weights)[0]
        if form != "ask":
            phrase = self.random.choice(self.knowledge.frames[form]).replace("{x}", phrase)
        text = self.expand(phrase)
        if topic.name == "off_unclear":
            return text.replace("\x01", "")
        if self.random.random() < 0.12:
            text = self.random.choice(self.knowledge.pieces["opener"]) + text
        if topic.category not in ("off topic", "small talk") and self.random.random() < 0.4:
            text = self.knowledge.synonym_pattern.sub(self._synonym, text)
        if topic.category != "off topic" and self.random.random() < 0.08:
            text += self.expand(self.random.choice(self.knowledge.pieces["closer"]))
        return self._typed(text)

    def expand(self, phrase: str) -> str:
        """Chooses the alternatives of a phrase and fills in the lists."""
        while "[" in phrase:
            replaced = re.sub(r"\[([^\[\]]*)\]", lambda m: self.random.choice(m[1].split("|")), phrase)
            if replaced == phrase:
                break
            phrase = replaced
        phrase = re.sub(r"\{(\w+)\}", self._fill, phrase)
        return re.sub(" +", " ", phrase).strip(" ") if phrase[:1] != " " else re.sub(" +", " ", phrase)

    def _synonym(self, match: re.Match[str]) -> str:
        return self.random.choice(self.knowledge.synonyms[match[1]]) if self.random.random() < 0.4 else match[0]

    def _fill(self, match: re.Match[str]) -> str:
        key, rng = match[1], self.random
        if key in self.knowledge.lists:
            word = rng.choice(self.knowledge.lists[key])
            return " ".join("\x01" + part for part in word.split()) if key in PROPER_LISTS else word
        makers = {
            "n": lambda: str(rng.randint(1, 120)), "m": lambda: str(rng.randint(100, 9999)),
            "year": lambda: str(rng.randint(1000, 2030)), "emoji": lambda: rng.choice(EMOJI),
            "symbols": lambda: rng.choice(SYMBOLS), "letter": lambda: rng.choice("abcdefghjlmnopqrstuvwxz"),
            "junk": self._junk,
        }
        return makers[key]() if key in makers else match[0]

    def _junk(self) -> str:
        """A word that is none: keys hit at random, or a made-up word."""
        rng = self.random
        if rng.random() < 0.5:
            return "".join(rng.choice("asdfghjklqwertyuiopzxcvbnm") for _ in range(rng.randint(3, 9)))
        syllable = lambda: rng.choice("bdfgklmnprstvz") + rng.choice("aeiou") + rng.choice(["", "", "n", "r", "s", "x"])
        return "".join(syllable() for _ in range(rng.randint(2, 4)))

    # --- typing

    def _typed(self, text: str) -> str:
        rng = self.random
        words = text.split(" ")
        if rng.random() < 0.10:
            words = [word for word in words if word not in DROPPABLE or rng.random() < 0.4] or words
        if rng.random() < 0.25:
            for _ in range(rng.choice([1, 1, 1, 2, 3])):
                position = rng.randrange(len(words))
                words[position] = self._misspell(words[position])
        proper = rng.random() < 0.5
        if proper:
            words = [self._capitalise(word) for word in words]
        text = " ".join(words).replace("\x01", "")
        if proper:
            text = text[:1].upper() + text[1:]
        if rng.random() < 0.025:
            text = text.upper()
        return text + self._ending(text, proper)

    def _ending(self, text: str, proper: bool) -> str:
        if text[-1:] in "?!.:)":
            return ""
        if proper:
            return self.random.choices(["?", ".", "", "!", " ?"], [60, 15, 18, 5, 2])[0]
        return self.random.choices(["", "?", "??", "!", "...", " ?", "???", "!!"], [62, 28, 3, 2, 2, 1, 1, 1])[0]

    @staticmethod
    def _capitalise(word: str) -> str:
        bare = word.strip("\x01,.?!:'\"")
        if bare in PROPER_WORDS:
            return word.replace(bare, PROPER_WORDS[bare])
        return word[1:2].upper() + word[2:] if word.startswith("\x01") else word

    def _misspell(self, word: str) -> str:
        rng = self.random
        if len(word) < 4 or not word.isascii() or not any(c.isalpha() for c in word):
            return word
        at = rng.randrange(1, len(word) - 1)
        kind = rng.randrange(5)
        if kind == 0:
            return word[:at] + word[at + 1] + word[at] + word[at + 2:]
        if kind == 1:
            return word[:at] + word[at + 1:]
        if kind == 2:
            return word[:at] + word[at] + word[at:]
        if kind == 3:
            return word[:at] + rng.choice(NEIGHBOURS.get(word[at], "e")) + word[at + 1:]
        return word[:at] + rng.choice("abcdefghilmnoprstuy") + word[at:]

    # --- conversations

    def topic(self) -> Topic:
        return self.knowledge.topics[self.random.choices(self._names, self._weights)[0]]

    def _follow_up(self) -> Topic:
        if self.random.random() < 0.25:
            return self.knowledge.topics[self.random.choice(["thanks", "more", "ok", "wrong", "praise", "bye", "can"])]
        return self.topic()

    def turn(self, topic: Topic) -> Turn:
        question = self.question(topic)
        if self.random.random() < 0.02:
            question = self.filler(self.random.randint(1, 12)) + self.random.choice(["\n\n", "\n", " "]) + question
        return Turn(question, self.random.choice(topic.answers), topic.name)

    def single(self) -> Conversation:
        """One short question without anything before it."""
        topic = self.topic()
        return Conversation(turns=[Turn(self.question(topic), self.random.choice(topic.answers), topic.name)])

    def conversation(self) -> Conversation:
        """Anything that may come: several turns, system prompts, long prompts, plain text."""
        rng = self.random
        if rng.random() < 0.03:
            return Conversation(plain=self.plain_text())
        made = Conversation(system=self._system() if rng.random() < 0.4 else None)
        count = rng.choices([1, rng.randint(2, 4), rng.randint(5, 12)], [76, 21, 3])[0]
        for index in range(count):
            made.turns.append(self.turn(self.topic() if index == 0 else self._follow_up()))
        if count > 1 and rng.random() < 0.15:
            self._spoil_history(made.turns)
        return made

    def _spoil_history(self, turns: list[Turn]) -> None:
        """An earlier answer that was stopped early, or came from another model."""
        turn = self.random.choice(turns[:-1])
        cut = turn.answer[: self.random.randint(0, len(turn.answer))]
        turn.answer = self.random.choice([cut, self.filler(self.random.randint(1, 3))])
        turn.learn = False

    def _system(self) -> str:
        rng = self.random
        text = self._sentence(self.expand(rng.choice(self.knowledge.pieces["system"])))
        if rng.random() < 0.06:
            text += " " + self.filler(rng.randint(1, 25))
        return text

    def _sentence(self, text: str) -> str:
        return ". ".join(part[:1].upper() + part[1:] for part in text.replace("\x01", "").split(". "))

    def filler(self, sentences: int) -> str:
        parts = [self.expand(self.random.choice(self.knowledge.pieces["filler"])) for _ in range(sentences)]
        return " ".join(self._sentence(part) + "." for part in parts)

    def plain_text(self) -> str:
        """Text without chat marks, so that a plain completion has something to continue."""
        rng = self.random
        if rng.random() < 0.25:
            return self.expand(rng.choice(self.knowledge.pieces["story"])).replace("\x01", "").replace("  ", " ")
        topics = [t for t in self.knowledge.topics.values() if t.category not in ("small talk", "off topic", "unknown")]
        chosen = rng.sample(topics, rng.randint(1, 14))
        if rng.random() < 0.3:
            return "\n".join(f"Question: {self.question(t)}\nAnswer: {rng.choice(t.answers)}" for t in chosen[:4])
        return rng.choice([" ", "\n", "\n\n"]).join(rng.choice(t.answers) for t in chosen)
