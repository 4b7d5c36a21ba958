/// Who may start now, who waits, who is turned away: limits, a fair bounded queue, deadlines, shedding.
/// Pure decisions.
@NullMarked
package dev.millrace.gateway.admission;

import org.jspecify.annotations.NullMarked;
