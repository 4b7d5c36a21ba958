/// Where the llama.cpp library comes from: a configured directory, the cache, the npm client, or the Maven artifact
/// on the class path, in this order. The revision is pinned in [dev.millrace.llama.natives.PinnedLlamaCpp] and
/// nowhere else.
@NullMarked
package dev.millrace.llama.natives;

import org.jspecify.annotations.NullMarked;
