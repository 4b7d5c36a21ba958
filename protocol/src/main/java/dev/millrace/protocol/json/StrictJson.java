package dev.millrace.protocol.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;

/// What every JSON text from outside is held to: nothing beyond the standard, no name twice, and bounds on whatever
/// costs more than its bytes. Stateless, thread-safe.
public final class StrictJson {
    /// Deepest nesting.
    public static final int MAX_DEPTH = 64;

    /// Longest number, in characters.
    public static final int MAX_NUMBER_LENGTH = 100;

    /// Longest name of an object's member, in characters.
    public static final int MAX_NAME_LENGTH = 1024;

    private StrictJson() {}

    /// A factory of parsers with these rules, still to be built: a reader that checks one of them itself may switch
    /// it off.
    public static JsonFactoryBuilder factory() {
        return new JsonFactoryBuilder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .disable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .maxNumberLength(MAX_NUMBER_LENGTH)
                        .maxNameLength(MAX_NAME_LENGTH)
                        .maxStringLength(Integer.MAX_VALUE) // the body's own limit is the limit
                        .build());
    }
}
