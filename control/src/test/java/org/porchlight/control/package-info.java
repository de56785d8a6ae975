/** Tests of the control module as a whole. */
@NullMarked
package org.porchlight.control;

import org.jspecify.annotations.NullMarked;
