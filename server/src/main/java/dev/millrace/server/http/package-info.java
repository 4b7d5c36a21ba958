/// The front of the server: guards, routes, bodies.
@NullMarked
package dev.millrace.server.http;

import org.jspecify.annotations.NullMarked;
