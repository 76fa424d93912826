package io.penstock.jms.session;

import jakarta.jms.ConnectionMetaData;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;

/** Messaging 3.1 §6.1.6. */
final class PenstockConnectionMetaData implements ConnectionMetaData {
    private static final List<String> JMSX = List.of("JMSXGroupID", "JMSXGroupSeq", "JMSXDeliveryCount");

    @Override
    public String getJMSVersion() {
        return "3.1";
    }

    @Override
    public int getJMSMajorVersion() {
        return 3;
    }

    @Override
    public int getJMSMinorVersion() {
        return 1;
    }

    @Override
    public String getJMSProviderName() {
        return "Penstock";
    }

    @Override
    public String getProviderVersion() {
        String version = PenstockConnectionMetaData.class.getPackage().getImplementationVersion();
        return version == null ? "0.1" : version;
    }

    @Override
    public int getProviderMajorVersion() {
        return part(0);
    }

    @Override
    public int getProviderMinorVersion() {
        return part(1);
    }

    @Override
    public Enumeration<String> getJMSXPropertyNames() {
        return Collections.enumeration(JMSX);
    }

    private int part(int index) {
        return Integer.parseInt(getProviderVersion().split("[^0-9]")[index]);
    }
}
