/**
 * The crash matrix: one transaction over Penstock and a database, run by a real transaction manager (Narayana), whose process or
 * whose broker dies at each point of two-phase commit; then recovery, in another process. The database (Derby) is embedded, so it
 * dies with the application. Nothing here is used by other tests.
 */
package io.penstock.matrix;
