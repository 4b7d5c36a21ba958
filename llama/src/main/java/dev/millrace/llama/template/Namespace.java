package dev.millrace.llama.template;

import java.util.LinkedHashMap;
import java.util.Map;

/// What `namespace()` makes: attributes that a template may set from inside a loop.
record Namespace(Map<String, Object> attributes) {
    Namespace {
        attributes = new LinkedHashMap<>(attributes);
    }
}
