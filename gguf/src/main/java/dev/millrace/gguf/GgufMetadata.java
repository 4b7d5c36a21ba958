package dev.millrace.gguf;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// The entries of a GGUF header: numbers, flags, texts and short lists of numbers. Of longer lists and of lists of
/// texts only the length is kept, of texts beyond a limit nothing. *Immutable.*
public final class GgufMetadata {
    private final Map<String, Value> values;

    /// What an entry holds.
    sealed interface Value {
        /// @param bits the number itself, or the bits of a double
        record Scalar(ValueType type, long bits) implements Value {}

        /// @param text absent if it is too long to be kept
        record Text(@Nullable String text) implements Value {}

        /// @param numbers empty if they are no whole numbers or too many to be kept
        record Listed(ValueType type, long count, List<Long> numbers) implements Value {}
    }

    GgufMetadata(Map<String, Value> values) {
        this.values = Map.copyOf(values);
    }

    /// Number of entries.
    public int size() {
        return values.size();
    }

    /// Whether there is an entry of this name, whatever it holds.
    public boolean contains(String key) {
        return values.containsKey(key);
    }

    /// A text; absent if there is none of this name.
    public Optional<String> text(String key) {
        return values.get(key) instanceof Value.Text t ? Optional.ofNullable(t.text()) : Optional.empty();
    }

    /// A whole number; absent if there is none of this name. An unsigned number of 64 bits may come out negative.
    public OptionalLong whole(String key) {
        return values.get(key) instanceof Value.Scalar s && s.type().isWhole()
                ? OptionalLong.of(s.bits())
                : OptionalLong.empty();
    }

    /// Length of a list; 0 if there is none of this name.
    public long count(String key) {
        return values.get(key) instanceof Value.Listed l ? l.count() : 0;
    }

    /// A whole number that may differ from layer to layer: one element if it is the same for all, none if it is not
    /// there.
    public long[] perLayer(String key) {
        if (values.get(key) instanceof Value.Listed l) {
            return l.numbers().stream().mapToLong(n -> n).toArray();
        }
        return whole(key).stream().toArray();
    }

    @Nullable
    Value value(String key) {
        return values.get(key);
    }

    @Override
    public String toString() {
        return "GgufMetadata"
                + Arrays.toString(values.keySet().stream().sorted().toArray());
    }
}
