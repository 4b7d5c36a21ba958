/// The OpenAI dialect: requests read through a typed allow-list, answers written by hand.
///
/// A field that is known is checked to its last value; a field that is not known is skipped and reaches nobody; a
/// field that is known, would change the meaning of the answer and is not supported is refused. Error messages are
/// fixed text: they name fields from our own list and never repeat what the client sent.
@NullMarked
package dev.millrace.protocol.openai;

import org.jspecify.annotations.NullMarked;
