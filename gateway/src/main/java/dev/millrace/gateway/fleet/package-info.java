/// Which endpoint answers a request: who offers which model, who is well, who has the least to do.
@NullMarked
package dev.millrace.gateway.fleet;

import org.jspecify.annotations.NullMarked;
