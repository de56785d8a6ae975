/**
 * Reports: figures as text, JSON and Markdown tables, and the CPU and memory of a process as {@code /proc} tells them.
 */
@NullMarked
package org.porchlight.bench.report;

import org.jspecify.annotations.NullMarked;
