package dev.millrace.gateway.cache;

import static java.util.Objects.requireNonNull;

/// What, besides the body of a request, decides its answer or who may see it. *Immutable.*
///
/// @param tenant whose request it is; never empty, so that no answer is anybody's
/// @param operation what is asked for, for example `/v1/chat/completions`
/// @param modelDigest content of the model's file, not its name: a name can be given to another file
/// @param templateDigest the chat template, or empty if the operation uses none
/// @param engineBuild name and version of what computes: another build may round otherwise
public record CacheScope(
        String tenant, String operation, String modelDigest, String templateDigest, String engineBuild) {
    public CacheScope {
        Names.require(tenant, "tenant");
        Names.require(operation, "operation");
        Names.require(modelDigest, "modelDigest");
        if (!requireNonNull(templateDigest, "templateDigest").isEmpty()) {
            Names.require(templateDigest, "templateDigest");
        }
        Names.require(engineBuild, "engineBuild");
    }
}
