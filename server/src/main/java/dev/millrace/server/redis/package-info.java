/// The second tier of the response cache: answers in a Redis or Valkey that several servers share, and the news
/// of what is no longer valid.
@NullMarked
package dev.millrace.server.redis;

import org.jspecify.annotations.NullMarked;
