/// Whether and where a request that failed is sent again, and how many may be.
@NullMarked
package dev.millrace.gateway.retry;

import org.jspecify.annotations.NullMarked;
