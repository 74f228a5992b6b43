import django.db.models.deletion
from django.db import migrations, models

from gateway.live_index import AddIndexLive


class Migration(migrations.Migration):
    atomic = False
    beside_old = "No release was made with the tables as they were before."

    dependencies = [("conversations", "0009_take_out")]

    operations = [
        # Permissions: nothing is asked of the database until they are made, after all migrations.
        migrations.AlterModelOptions(
            name="conversation",
            options={
                "ordering": ("-active_at",),
                "permissions": (
                    ("read_conversation_text", "Can read what was said in conversations"),
                    ("view_customer_identity", "Can see who the customer of a conversation is"),
                    ("export_conversation", "Can export conversations"),
                    ("hold_conversation", "Can put conversations on hold, and lift holds"),
                ),
                "verbose_name": "conversation",
                "verbose_name_plural": "conversations",
            },
        ),
        AddIndexLive(
            model_name="conversation",
            index=models.Index(fields=["widget", "-active_at"], name="conversation_of_widget"),
        ),
        AddIndexLive(
            model_name="conversation",
            index=models.Index(
                fields=["prompt_version", "-active_at"], name="conversation_of_version"
            ),
        ),
        AddIndexLive(
            model_name="reply",
            index=models.Index(
                condition=models.Q(("status", "stopped")), fields=["status"], name="reply_stopped"
            ),
        ),
        # The new indexes begin with these keys and do what theirs did.
        migrations.AlterField(
            model_name="conversation",
            name="widget",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="conversations",
                to="conversations.widget",
                verbose_name="widget",
            ),
        ),
        migrations.AlterField(
            model_name="conversation",
            name="prompt_version",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="conversations",
                to="conversations.promptversion",
                verbose_name="prompt version",
            ),
        ),
    ]
