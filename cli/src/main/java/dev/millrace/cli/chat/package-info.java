/// `millrace chat` and `millrace run`: a conversation in the terminal, and one answer for a pipe.
@NullMarked
package dev.millrace.cli.chat;

import org.jspecify.annotations.NullMarked;
