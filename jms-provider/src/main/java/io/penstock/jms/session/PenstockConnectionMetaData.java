package io.penstock.jms.session;

import jakarta.jms.ConnectionMetaData;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;

/** Messaging 3.1 §6.1.6. The edition for javax.jms is made of this class too, and is JMS 2.0. */
final class PenstockConnectionMetaData implements ConnectionMetaData {
    private static final boolean JAKARTA = ConnectionMetaData.class.getName().startsWith("jakarta.");
    private static final List<String> JMSX = List.of("JMSXGroupID", "JMSXGroupSeq", "JMSXDeliveryCount");

    @Override
    public String getJMSVersion() {
        return getJMSMajorVersion() + "." + getJMSMinorVersion();
    }

    @Override
    public int getJMSMajorVersion() {
        return JAKARTA ? 3 : 2;
    }

    @Override
    public int getJMSMinorVersion() {
        return JAKARTA ? 1 : 0;
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
