/// Headers, statuses and errors of replies: the only place that writes one.
@NullMarked
package dev.millrace.server.reply;

import org.jspecify.annotations.NullMarked;
