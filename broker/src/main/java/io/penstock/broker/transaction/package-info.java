/** Producer ids and JMS commits over several logs. Runs on the owner of an internal partition. */
package io.penstock.broker.transaction;
