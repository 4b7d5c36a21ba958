package dev.millrace.llama;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.Prompt;
import dev.millrace.engine.batch.InvalidPromptException;
import dev.millrace.engine.batch.Vocabulary;
import dev.millrace.llama.SpecialTokens.Piece;
import dev.millrace.llama.SpecialTokens.Special;
import dev.millrace.llama.ffm.LlamaModel;
import dev.millrace.llama.ffm.LlamaVocab;
import dev.millrace.llama.template.ChatTemplate;
import dev.millrace.llama.template.RenderedPrompt;
import dev.millrace.llama.template.RenderedPrompt.Segment;
import dev.millrace.llama.template.TemplateTokens;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The vocabulary of a loaded model. *Thread-safe*; usable until the model is closed.
public final class LlamaVocabulary implements Vocabulary {
    private final LlamaVocab vocab;
    private final byte[][] bytes;
    private final BitSet endsAnswer = new BitSet();
    private final BitSet control = new BitSet();
    private final int[] tokenOfByte = new int[256];
    private final SpecialTokens specials;
    private final int bos;
    private final boolean addsBos;
    private final int[] ending;
    private final ChatTemplate template;

    /// @param template makes the chat template, given the tokens that matter to it
    LlamaVocabulary(LlamaVocab vocab, Function<TemplateTokens, ChatTemplate> template) {
        this.vocab = vocab;
        this.bytes = vocab.allBytes();
        this.bos = vocab.bos();
        this.addsBos = vocab.addsBos() && bos != LlamaVocab.NONE;
        int[] attributes = vocab.allAttributes();
        Arrays.fill(tokenOfByte, LlamaVocab.NONE);
        List<Special> found = new ArrayList<>();
        for (int token = 0; token < attributes.length; token++) {
            int kind = attributes[token];
            if ((kind & LlamaVocab.CONTROL) != 0) {
                control.set(token);
            } else if (bytes[token].length == 1) {
                tokenOfByte[bytes[token][0] & 0xff] = token;
            }
            if ((kind & (LlamaVocab.CONTROL | LlamaVocab.UNKNOWN | LlamaVocab.USER_DEFINED)) != 0) {
                found.add(new Special(token, vocab.text(token), kind));
            }
            endsAnswer.set(token, vocab.isEndOfGeneration(token));
        }
        this.ending = ending(vocab.tokenize(new byte[0], true, false));
        this.specials = new SpecialTokens(found);
        this.template = template.apply(templateTokens(vocab, found));
    }

    /// What the model wants behind a whole text, tried on an empty one: each kind of vocabulary has rules of its own.
    private int[] ending(int[] aroundNothing) {
        boolean begins = addsBos && aroundNothing.length > 0 && aroundNothing[0] == bos;
        return begins ? Arrays.copyOfRange(aroundNothing, 1, aroundNothing.length) : aroundNothing;
    }

    /// The vocabulary of a model with its chat template.
    ///
    /// @param wall what chat templates take for the date
    /// @param nanos times their rendering
    static LlamaVocabulary of(LlamaModel model, Clock wall, NanoClock nanos) {
        return new LlamaVocabulary(model.vocab(), tokens -> {
            String source = model.facts().chatTemplate();
            return source == null
                    ? ChatTemplate.builtIn(tokens, wall, nanos)
                    : ChatTemplate.compile(source, tokens, wall, nanos);
        });
    }

    private static TemplateTokens templateTokens(LlamaVocab vocab, List<Special> specials) {
        Set<String> control =
                specials.stream().filter(Special::needsTrust).map(Special::text).collect(Collectors.toSet());
        return new TemplateTokens(textOrNothing(vocab, vocab.bos()), textOrNothing(vocab, vocab.eos()), control);
    }

    private static String textOrNothing(LlamaVocab vocab, int token) {
        return token == LlamaVocab.NONE ? "" : vocab.text(token);
    }

    @Override
    public int size() {
        return bytes.length;
    }

    @Override
    public int[] encode(Prompt prompt) throws InvalidPromptException {
        int[] tokens = switch (prompt) {
            case Prompt.Chat chat -> {
                RenderedPrompt rendered = template.render(chat.messages(), chat.templateArguments());
                yield encode(rendered.segments());
            }
            case Prompt.Text text -> encode(List.of(new Segment(text.text(), false)));
            case Prompt.Tokens ids -> checked(ids.tokens());
        };
        if (tokens.length == 0) {
            throw new InvalidPromptException(ErrorCode.INVALID_REQUEST, "The prompt is empty.");
        }
        return tokens;
    }

    @Override
    public int[] encodeWhole(Prompt prompt) throws InvalidPromptException {
        int[] tokens = encode(prompt);
        if (ending.length == 0 || prompt instanceof Prompt.Tokens) {
            return tokens;
        }
        int[] whole = Arrays.copyOf(tokens, tokens.length + ending.length);
        System.arraycopy(ending, 0, whole, tokens.length, ending.length);
        return whole;
    }

    private int[] checked(List<Integer> ids) throws InvalidPromptException {
        for (int id : ids) {
            if (id < 0 || id >= size()) {
                throw new InvalidPromptException(
                        ErrorCode.INVALID_REQUEST,
                        "Token " + id + " is not in the vocabulary (expected: 0.." + (size() - 1) + ").");
            }
        }
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    /// The tokens of text in segments, begin-of-sequence included where the model wants one and the text has none.
    int[] encode(List<Segment> segments) throws InvalidPromptException {
        String text = segments.stream().map(Segment::text).collect(Collectors.joining());
        IntStream.Builder tokens = IntStream.builder();
        List<Piece> pieces = specials.cut(text, segments);
        if (addsBos && (pieces.isEmpty() || !pieces.getFirst().equals(new Piece.Token(bos)))) {
            tokens.add(bos);
        }
        for (Piece piece : pieces) {
            switch (piece) {
                case Piece.Token token -> tokens.add(token.id());
                case Piece.Text range -> addText(text.substring(range.from(), range.to()), tokens);
            }
        }
        return tokens.build().toArray();
    }

    private void addText(String text, IntStream.Builder tokens) throws InvalidPromptException {
        for (int token : vocab.tokenize(text.getBytes(StandardCharsets.UTF_8), false, false)) {
            if (control.get(token)) {
                addSpelled(token, tokens);
            } else {
                tokens.add(token);
            }
        }
    }

    // SentencePiece merges characters to anything in the vocabulary, so "<", "s" and ">" can become the control
    // token
    // "<s>" in plain text, where the vocabulary has a piece like "s>" on the way.
    private void addSpelled(int token, IntStream.Builder tokens) throws InvalidPromptException {
        for (byte b : vocab.text(token).getBytes(StandardCharsets.UTF_8)) {
            int spelled = tokenOfByte[b & 0xff];
            if (spelled == LlamaVocab.NONE) {
                throw new InvalidPromptException(
                        ErrorCode.INVALID_REQUEST,
                        "The prompt holds the text of a control token, which this model cannot read as plain text.");
            }
            tokens.add(spelled);
        }
    }

    @Override
    public byte[] bytes(int token) {
        return bytes[token];
    }

    @Override
    public boolean isEndOfGeneration(int token) {
        return endsAnswer.get(token);
    }

    /// Any token that is no control token.
    int plainToken() {
        return control.nextClearBit(0);
    }
}
