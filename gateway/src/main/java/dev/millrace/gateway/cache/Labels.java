package dev.millrace.gateway.cache;

import java.util.List;

/// The names that an answer can be made invalid by. *Immutable.*
///
/// @param tenant whose it is
/// @param model the name of the model that gave it
/// @param tags chosen by the client or the operator, at most [#MAX_TAGS]
public record Labels(String tenant, String model, List<String> tags) {
    /// Most tags of one answer.
    public static final int MAX_TAGS = 16;

    public Labels {
        Names.require(tenant, "tenant");
        Names.require(model, "model");
        tags = List.copyOf(tags);
        if (tags.size() > MAX_TAGS) {
            throw new IllegalArgumentException("tags: " + tags.size() + " (expected: at most " + MAX_TAGS + ")");
        }
        tags.forEach(tag -> Names.require(tag, "tag"));
    }
}
