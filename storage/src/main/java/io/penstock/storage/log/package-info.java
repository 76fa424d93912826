/**
 * The partition log: what callers see of it. The owner of a partition calls it; forces run on a sync thread for each
 * disk, cold reads and directory work on a small I/O pool. Knows nothing of clients, groups or networks.
 */
package io.penstock.storage.log;
