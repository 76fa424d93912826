/** The immutable image of the cluster, the MetadataStore port, the controller's logic. */
package io.penstock.broker.metadata;
