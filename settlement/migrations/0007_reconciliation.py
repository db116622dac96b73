from tortoise import migrations

class Migration(migrations.Migration):
    dependencies = [("settlement", "0006_disputes")]

    operations = []
