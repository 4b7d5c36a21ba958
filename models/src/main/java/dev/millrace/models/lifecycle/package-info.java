/// Which models are in memory: when they load, wait, are evicted, unloaded and started again.
///
/// [dev.millrace.models.lifecycle.ModelPool] is the door; everything else here is what it is given or gives back.
@NullMarked
package dev.millrace.models.lifecycle;

import org.jspecify.annotations.NullMarked;
