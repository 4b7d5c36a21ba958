/// An HTTP client for tests that hides nothing.
@NullMarked
package dev.millrace.testing.http;

import org.jspecify.annotations.NullMarked;
