/**
 * Who may watch and publish, as the configuration file says it.
 *
 * <p>{@link org.porchlight.control.access.StaticAdmission} answers the relay from an immutable policy; a new configuration is a new policy with a
 * higher epoch, under which every open session is decided again. Passwords are checked on a small pool of their own with argon2id, and the time
 * that a check takes does not tell whether there is such a user.
 */
@NullMarked
package org.porchlight.control.access;

import org.jspecify.annotations.NullMarked;
