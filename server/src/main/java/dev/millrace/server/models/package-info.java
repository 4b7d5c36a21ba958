/// The models of a server: what it offers, what is in memory, and how both look to clients.
@NullMarked
package dev.millrace.server.models;

import org.jspecify.annotations.NullMarked;
