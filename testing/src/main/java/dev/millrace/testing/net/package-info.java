/// What the test tools with sockets share.
@NullMarked
package dev.millrace.testing.net;

import org.jspecify.annotations.NullMarked;
