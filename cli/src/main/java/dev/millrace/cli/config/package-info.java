/// `millrace config`: the settings that are in force.
@NullMarked
package dev.millrace.cli.config;

import org.jspecify.annotations.NullMarked;
